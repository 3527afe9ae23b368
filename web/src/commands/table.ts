/** Every command, in the order in which the shortcut sheet shows them. */

import { ARRANGING } from "./arranging";
import type { Command } from "./command";
import { EDITING } from "./editing";
import { FILES } from "./files";
import { FORM_VIEW } from "./form";
import { GROUPS } from "./groups";
import { LINKS } from "./links";
import { LOOKING } from "./looking";
import { MASKING } from "./mask";
import { NODES } from "./nodes";
import { PANELS } from "./panels";
import { RESULTS } from "./results";
import { RUNNING } from "./running";
import { SOCKETS } from "./sockets";
import { SUBGRAPHS } from "./subgraphs";

export const COMMANDS: readonly Command[] = [...RUNNING, ...EDITING, ...NODES, ...SOCKETS, ...LINKS, ...GROUPS, ...SUBGRAPHS, ...ARRANGING, ...LOOKING, ...RESULTS, ...FORM_VIEW, ...FILES, ...PANELS, ...MASKING];
