/** Every command, in the order in which the shortcut sheet shows them. */

import { ARRANGING } from "./arranging";
import type { Command } from "./command";
import { EDITING } from "./editing";
import { FILES } from "./files";
import { LOOKING } from "./looking";
import { NODES } from "./nodes";
import { PANELS } from "./panels";
import { RUNNING } from "./running";

export const COMMANDS: readonly Command[] = [...RUNNING, ...EDITING, ...NODES, ...ARRANGING, ...LOOKING, ...FILES, ...PANELS];
