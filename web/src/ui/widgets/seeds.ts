/** Drawing and showing seeds. */

import type { Json, WidgetDef } from "../../core/types";

/** Seeds are drawn below 2^50, as ComfyUI draws them, so that every tool on the way can hold them exactly. */
const LIMIT = 2n ** 50n;

/** A random value in the setting's range. */
export function randomSeed(def: Pick<WidgetDef, "min" | "max">, random: () => bigint = sixtyFourBits): Json {
  const low = BigInt(def.min ?? 0);
  const high = def.max === undefined || BigInt(def.max) > LIMIT ? LIMIT : BigInt(def.max);
  return Number(low + (random() % (high - low + 1n)));
}

/** A seed from its digits: a number where that is exact. */
export function seedFromText(digits: string): Json {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : digits;
}

function sixtyFourBits(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n;
}
