/** Starts the editor: first the frame, so that something is there at once, then the server's node types and the files. */

import "@fontsource-variable/inter/wght.css";
import { mount } from "svelte";
import { createCommands, listenForKeys } from "./commands/face";
import { createServices } from "./net/services";
import { start } from "./net/start.svelte";
import App from "./ui/app.svelte";
import { AppState, reasonOf } from "./ui/state.svelte";
import { t } from "./ui/texts";
import "./ui/theme.css";

const RETRY_MS = 3000;

/** Waits for the server as long as it takes; the banner says so meanwhile. */
async function begin(app: AppState): Promise<void> {
  const services = createServices(app);
  app.services = services;
  app.commands = createCommands(app);
  listenForKeys(app);
  for (;;) {
    try {
      await start(app, services);
      return;
    } catch (error) {
      app.connected = false;
      app.announcement = t("start.failed", { reason: reasonOf(error) });
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

const target = document.getElementById("app");
if (target) {
  const app = new AppState();
  app.recall();
  mount(App, { target, props: { app } });
  void begin(app);
}
