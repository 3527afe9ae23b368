/** What /object_info says of a node's inputs, checked as far as it is used. */

import type { Fields, Json } from "./types";

/** One input as /object_info lists it. */
export interface InputEntry {
  readonly name: string;
  readonly type: string;
  /** The list of a choice of the old form, where the type is a list. */
  readonly list?: readonly Json[];
  readonly options: Fields;
  readonly optional: boolean;
}

/** The inputs in the order in which they are declared, required ones first. */
export function entriesOf(entry: Fields): InputEntry[] {
  const groups = isFields(entry["input"]) ? entry["input"] : {};
  const orders = isFields(entry["input_order"]) ? entry["input_order"] : {};
  const found: InputEntry[] = [];
  for (const kind of ["required", "optional"]) {
    const group = groups[kind];
    if (!isFields(group)) continue;
    const order = orders[kind];
    const listed = Array.isArray(order) ? order.filter((name): name is string => typeof name === "string" && Object.hasOwn(group, name)) : [];
    for (const name of new Set([...listed, ...Object.keys(group)])) {
      const spec = group[name];
      const [type, options] = Array.isArray(spec) ? spec : [spec, undefined];
      const base = { name, options: isFields(options) ? options : {}, optional: kind === "optional" };
      if (Array.isArray(type)) found.push({ ...base, type: "COMBO", list: type });
      else found.push({ ...base, type: tag(type) });
    }
  }
  return found;
}

/** A socket's type as text: files and definitions also hold lists (old choices), 0 and -1 (any). */
export function tag(type: Json | undefined): string {
  if (Array.isArray(type)) return "COMBO";
  return typeof type === "string" && type !== "" ? type : "*";
}

/** Whether a value is a JSON object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value where it is of the kind that is read, else an empty one. */
export function fields(value: Json | undefined): Fields {
  return isFields(value) ? value : {};
}

export function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
