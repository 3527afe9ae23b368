/** How the tools of the mask editor are set, kept for the next time. */

import type { GradientShape } from "./gradient";
import { TOOLS, type HandSettings, type Tool } from "./hand";

export const VIEWS = ["tint", "plain", "outline"] as const;
export type MaskView = (typeof VIEWS)[number];

export const LEAST_SIZE = 1;
export const MOST_SIZE = 1000;
export const MOST_FEATHER = 200;
export const MOST_GROWTH = 64;
/** Colours of the tint, as CSS has them: one of them is seen on any picture. */
export const TINTS = { blue: "#2f6bff", red: "#ff3b30", green: "#18c964" } as const;
export type Tint = keyof typeof TINTS;
export const TINT_NAMES = Object.keys(TINTS) as readonly Tint[];
const REMEMBERED = "darkroom.mask";

export class MaskSettings implements HandSettings {
  tool = $state<Tool>("brush");
  size = $state(60);
  hardness = $state(0.8);
  opacity = $state(1);
  pressure = $state(true);
  tolerance = $state(24);
  connected = $state(true);
  removes = $state(false);
  shape = $state<GradientShape>("linear");
  view = $state<MaskView>("tint");
  tint = $state<Tint>("blue");
  feather = $state(8);
  growth = $state(4);

  /** A tenth more or less, at least one pixel. */
  resize(direction: 1 | -1): void {
    const step = Math.max(1, Math.round(this.size * 0.1));
    this.size = within(Math.round(this.size) + direction * step, LEAST_SIZE, MOST_SIZE);
  }

  harden(by: number): void {
    this.hardness = within(Math.round((this.hardness + by) * 100) / 100, 0, 1);
  }

  strengthen(by: number): void {
    this.opacity = within(Math.round((this.opacity + by) * 100) / 100, 0.05, 1);
  }

  remember(): void {
    const { tool, size, hardness, opacity, pressure, tolerance, connected, removes, shape, view, tint, feather, growth } = this;
    try {
      localStorage.setItem(REMEMBERED, JSON.stringify({ tool, size, hardness, opacity, pressure, tolerance, connected, removes, shape, view, tint, feather, growth }));
    } catch {
      // A full or forbidden storage costs only the memory of settings.
    }
  }

  recall(): this {
    const kept = readRemembered();
    this.tool = TOOLS.find((each) => each === kept["tool"]) ?? this.tool;
    this.view = VIEWS.find((each) => each === kept["view"]) ?? this.view;
    this.tint = TINT_NAMES.find((each) => each === kept["tint"]) ?? this.tint;
    this.shape = kept["shape"] === "radial" ? "radial" : "linear";
    this.size = numberIn(kept["size"], LEAST_SIZE, MOST_SIZE) ?? this.size;
    this.hardness = numberIn(kept["hardness"], 0, 1) ?? this.hardness;
    this.opacity = numberIn(kept["opacity"], 0.05, 1) ?? this.opacity;
    this.tolerance = numberIn(kept["tolerance"], 0, 255) ?? this.tolerance;
    this.feather = numberIn(kept["feather"], 1, MOST_FEATHER) ?? this.feather;
    this.growth = numberIn(kept["growth"], 1, MOST_GROWTH) ?? this.growth;
    this.pressure = kept["pressure"] !== false;
    this.connected = kept["connected"] !== false;
    this.removes = kept["removes"] === true;
    return this;
  }
}

/** Where a slider stands for a size: small sizes have as much room as large ones. 0..1 */
export function partOfSize(size: number): number {
  return Math.log(size / LEAST_SIZE) / Math.log(MOST_SIZE / LEAST_SIZE);
}

export function sizeOfPart(part: number): number {
  return Math.round(LEAST_SIZE * (MOST_SIZE / LEAST_SIZE) ** part);
}

function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

function numberIn(value: unknown, least: number, most: number): number | undefined {
  return typeof value === "number" && value >= least && value <= most ? value : undefined;
}

function readRemembered(): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(REMEMBERED) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
