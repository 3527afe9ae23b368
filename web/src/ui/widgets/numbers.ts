/** How number settings are read, shown, stepped and scrubbed; integers beyond 2^53 stay text of digits. */

import type { Json, WidgetDef } from "../../core/types";
import { evaluate, evaluateWhole } from "./expression";

/** Above this many steps a range says nothing as a bar. */
const BAR_STEPS = 1000;
/** Ranges of so few steps map onto the width of the field; longer ones go a step every few pixels. */
const WHOLE_RANGE_STEPS = 400;
const PIXELS_PER_STEP = 4;
const LEAST_WIDTH = 80;
/** What Shift makes of the way of the pointer. */
export const FINE = 0.1;
const DIGITS = /^[+-]?\d+$/;

export type NumberDef = Pick<WidgetDef, "kind" | "min" | "max" | "step" | "round">;

/** A value that was typed; limit: the bound that it was brought back to. */
export interface Typed {
  readonly value: Json;
  readonly limit?: "min" | "max";
}

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
export function typed(text: string, def: NumberDef): Typed | undefined {
  if (isWhole(def)) {
    const digits = text.trim().replaceAll(/[\s_]/g, "");
    const whole = evaluateWhole(DIGITS.test(digits) ? digits : text);
    if (whole !== undefined) {
      const value = clampBig(whole, def);
      return { value: fromBig(value), ...limitOf(whole < value, whole > value) };
    }
  }
  const value = evaluate(text);
  if (value === undefined) return undefined;
  return { value: settled(value, def), ...limitOf(value < lowest(def), value > highest(def)) };
}

function limitOf(under: boolean, over: boolean): { limit?: "min" | "max" } {
  return under ? { limit: "min" } : over ? { limit: "max" } : {};
}

/** The nearest value that the setting may have. */
export function settled(value: number, def: NumberDef): Json {
  if (isWhole(def) && !Number.isSafeInteger(Math.round(value))) return fromBig(clampBig(BigInt(Math.trunc(value)), def));
  const unit = isWhole(def) ? 1 : def.round && def.round > 0 ? def.round : 10 ** -Math.max(digitsOf(def), 4);
  const rounded = Number((Math.round(value / unit) * unit).toFixed(10));
  return Math.min(highest(def), Math.max(lowest(def), rounded));
}

/** The value so many steps away. */
export function stepped(value: Json | undefined, steps: number, def: NumberDef): Json {
  if (isWhole(def)) {
    const now = typeof value === "string" && DIGITS.test(value) ? BigInt(value) : BigInt(Math.round(typeof value === "number" ? value : 0));
    return fromBig(clampBig(now + BigInt(Math.trunc(steps)) * BigInt(Math.max(1, Math.round(stepOf(def)))), def));
  }
  return settled((typeof value === "number" ? value : 0) + steps * stepOf(def), def);
}

/** The value after the pointer has gone so far from where it was `start`; `fine` makes no whole steps of floats. */
export function scrubbed(start: Json | undefined, pixels: number, width: number, fine: boolean, def: NumberDef): Json {
  const step = stepOf(def);
  const range = rangeOf(def);
  const perPixel = range !== undefined && range / step <= WHOLE_RANGE_STEPS ? range / Math.max(LEAST_WIDTH, width) : step / PIXELS_PER_STEP;
  const distance = pixels * perPixel;
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

function lowest(def: NumberDef): number {
  return def.min === undefined ? -Infinity : Number(def.min);
}

function highest(def: NumberDef): number {
  return def.max === undefined ? Infinity : Number(def.max);
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
