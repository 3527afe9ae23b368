/** How components find the app's state without passing it through every parent. */

import { getContext, setContext } from "svelte";
import type { AppState } from "../state.svelte";

const KEY = "darkroom.app";

export function provideApp(app: AppState): void {
  setContext(KEY, app);
}

/** The app's state. */
export function useApp(): AppState {
  const app = getContext<AppState | undefined>(KEY);
  if (!app) throw new Error("a component was mounted outside the app");
  return app;
}
