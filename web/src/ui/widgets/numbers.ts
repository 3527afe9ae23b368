/** How number settings are read, shown, stepped and scrubbed; integers beyond 2^53 stay text of digits. */

import type { Json, WidgetDef } from "../../core/types";
import { evaluate } from "./expression";

/** Above this many steps a range says nothing as a bar. */
const BAR_STEPS = 1000;
/** Ranges of so few steps map onto the width of the field; longer ones go a step every few pixels. */
const WHOLE_RANGE_STEPS = 400;
const PIXELS_PER_STEP = 4;
const FINE = 0.1;
const DIGITS = /^[+-]?\d+$/;

export type NumberDef = Pick<WidgetDef, "kind" | "min" | "max" | "step" | "round">;

export function isWhole(def: NumberDef): boolean {
  return def.kind === "int" || def.kind === "seed";
}

export function stepOf(def: NumberDef): number {
  return def.step && def.step > 0 ? def.step : isWhole(def) ? 1 : 0.01;
}

/** Digits behind the point that the setting's rounding shows. */
export function digitsOf(def: NumberDef): number {
  if (isWhole(def)) return 0;
  const unit = def.round && def.round > 0 ? def.round : stepOf(def);
  const text = unit.toString();
  const small = /e-(\d+)$/.exec(text);
  return small ? Number(small[1]) : (text.split(".")[1]?.length ?? 0);
}

/** The setting as a person reads it. */
export function shown(value: Json | undefined, def: NumberDef): string {
  if (typeof value === "string") return value;
  if (typeof value !== "number") return "";
  if (isWhole(def)) return String(value);
  const digits = digitsOf(def);
  // Two digits at most unless the value itself needs more: 8.0 rather than 8.00000.
  const text = value.toFixed(Math.max(1, digits));
  return text.includes(".") ? text.replace(/(\.\d+?)0+$/, "$1") : text;
}

/** What was typed, as a value of this setting; undefined where it is no number. */
export function typed(text: string, def: NumberDef): Json | undefined {
  const plain = text.trim().replaceAll(/[\s_]/g, "");
  if (isWhole(def) && DIGITS.test(plain)) return fromBig(clampBig(BigInt(plain), def));
  const value = evaluate(text);
  return value === undefined ? undefined : settled(value, def);
}

/** The nearest value that the setting may have. */
export function settled(value: number, def: NumberDef): Json {
  const low = def.min === undefined ? -Infinity : Number(def.min);
  const high = def.max === undefined ? Infinity : Number(def.max);
  const unit = isWhole(def) ? 1 : def.round && def.round > 0 ? def.round : 10 ** -Math.max(digitsOf(def), 4);
  const rounded = Number((Math.round(value / unit) * unit).toFixed(10));
  return Math.min(high, Math.max(low, rounded));
}

/** The value so many steps away; whole numbers land on multiples of the step from the minimum. */
export function stepped(value: Json | undefined, steps: number, def: NumberDef): Json {
  if (typeof value === "string" && DIGITS.test(value)) return fromBig(clampBig(BigInt(value) + BigInt(Math.trunc(steps)), def));
  return settled((typeof value === "number" ? value : 0) + steps * stepOf(def), def);
}

/** The value after dragging from `start` by so many pixels over a field of this width. */
export function scrubbed(start: Json | undefined, pixels: number, width: number, fine: boolean, def: NumberDef): Json {
  const step = stepOf(def);
  const range = rangeOf(def);
  const perPixel = range !== undefined && range / step <= WHOLE_RANGE_STEPS ? range / Math.max(80, width) : step / PIXELS_PER_STEP;
  const distance = pixels * perPixel * (fine ? FINE : 1);
  const steps = fine && !isWhole(def) ? distance / step : Math.round(distance / step);
  return stepped(start, steps, def);
}

/** 0 to 1 where the value lies in its range; undefined where a bar would say nothing. */
export function fraction(value: Json | undefined, def: NumberDef): number | undefined {
  const range = rangeOf(def);
  if (typeof value !== "number" || range === undefined || range <= 0 || range / stepOf(def) > BAR_STEPS) return undefined;
  return Math.min(1, Math.max(0, (value - Number(def.min)) / range));
}

function rangeOf(def: NumberDef): number | undefined {
  return def.min === undefined || def.max === undefined ? undefined : Number(def.max) - Number(def.min);
}

function clampBig(value: bigint, def: NumberDef): bigint {
  const low = bound(def.min);
  const high = bound(def.max);
  if (low !== undefined && value < low) return low;
  return high !== undefined && value > high ? high : value;
}

function bound(limit: number | bigint | undefined): bigint | undefined {
  if (limit === undefined) return undefined;
  return typeof limit === "bigint" ? limit : Number.isFinite(limit) ? BigInt(Math.trunc(limit)) : undefined;
}

function fromBig(value: bigint): Json {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}
