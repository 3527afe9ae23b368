/** The one list that choice settings open; it lives beside the nodes, because nodes clip what leaves them. */

import { getContext, setContext } from "svelte";
import type { Json } from "../../core/types";
import type { IconName } from "../icon.svelte";

export interface PickerItem {
  readonly value: Json;
  readonly text: string;
  readonly picture?: string | undefined;
  readonly icon?: IconName;
  /** Items of a group stand together below its name. */
  readonly group?: string;
}

export interface PickerRequest {
  readonly anchor: DOMRect;
  readonly label: string;
  readonly items: readonly PickerItem[];
  readonly current: Json | undefined;
  pick(value: Json): void;
  closed(): void;
}

export class Picker {
  request = $state.raw<PickerRequest | undefined>(undefined);

  open(request: PickerRequest): void {
    this.request = request;
  }

  close(): void {
    const request = this.request;
    this.request = undefined;
    request?.closed();
  }
}

const KEY = "darkroom.picker";

export function providePicker(picker: Picker): void {
  setContext(KEY, picker);
}

/** The picker of the app around; one of its own where a component stands alone. */
export function usePicker(): Picker {
  return getContext<Picker | undefined>(KEY) ?? new Picker();
}

/** Context for components that are mounted by hand (nodes on the canvas). */
export function contextWith(picker: Picker, app: unknown): Map<string, unknown> {
  return new Map<string, unknown>([
    [KEY, picker],
    ["darkroom.app", app],
  ]);
}
