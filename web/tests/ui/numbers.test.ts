import { describe, expect, it } from "vitest";
import { evaluate, evaluateWhole } from "../../src/ui/widgets/expression";
import { FINE, fraction, scrubbed, shown, stepped, typed, type NumberDef } from "../../src/ui/widgets/numbers";
import { randomSeed } from "../../src/ui/widgets/seeds";

const STEPS: NumberDef = { kind: "int", min: 1, max: 10000, step: 1 };
const CFG: NumberDef = { kind: "float", min: 0, max: 100, step: 0.1, round: 0.01 };
const DENOISE: NumberDef = { kind: "float", min: 0, max: 1, step: 0.01 };
const SIZE: NumberDef = { kind: "int", min: 16, max: 16384, step: 8 };
const SEED: NumberDef = { kind: "seed", min: 0n, max: 2n ** 64n - 1n };

describe("arithmetic in a number field", () => {
  it.each([
    ["512*1.5", 768],
    ["2^3^2", 512],
    ["-2^2", -4],
    ["(1+2)*3 - 4/2", 7],
    ["sqrt(16) + 10 % 4", 6],
    ["1e3", 1000],
    ["0,5", 0.5],
    ["2*pi", 2 * Math.PI],
  ])("works out %s", (text, value) => {
    expect(evaluate(text)).toBeCloseTo(value);
  });

  it.each(["", "abc", "1+", "1/0", "2 2", "(1", "constructor(1)", "alert(1)", "__proto__"])("refuses %s", (text) => {
    expect(evaluate(text)).toBeUndefined();
  });
});

describe("arithmetic of whole numbers", () => {
  it.each([
    ["2*512", 1024n],
    ["2^63 + 1", 9223372036854775809n],
    ["(7 - 1) / 3 % 2", 0n],
    ["-3 × 4", -12n],
  ])("works out %s with every digit", (text, value) => expect(evaluateWhole(text)).toBe(value));

  it.each(["7/2", "0.5", "sqrt(4)", "1/0", "2^1000", "2^-1", "1e3", ""])("leaves %s to fractions", (text) => expect(evaluateWhole(text)).toBeUndefined());

  it("gives up on brackets without end", () => expect(evaluate("(".repeat(100000) + "1")).toBeUndefined());
});

describe("number settings", () => {
  it("keeps what was typed inside the range and on the rounding", () => {
    expect(typed("20000", STEPS)).toEqual({ value: 10000, limit: "max" });
    expect(typed("-0.5", DENOISE)).toEqual({ value: 0, limit: "min" });
    expect(typed("7.256", CFG)).toEqual({ value: 7.26 });
    expect(typed("20.4", STEPS)).toEqual({ value: 20 });
    expect(typed("rubbish", STEPS)).toBeUndefined();
  });

  it("keeps every digit of a 64-bit seed", () => {
    expect(typed("18446744073709551615", SEED)).toEqual({ value: "18446744073709551615" });
    expect(typed("18 446 744 073 709 551 615", SEED)).toEqual({ value: "18446744073709551615" });
    expect(typed("18446744073709551616", SEED)).toEqual({ value: "18446744073709551615", limit: "max" });
    expect(typed("2^64 - 2", SEED)).toEqual({ value: "18446744073709551614" });
    expect(typed("1e30", SEED)).toEqual({ value: "18446744073709551615", limit: "max" });
    expect(typed("9007199254740993 * 3", SEED)).toEqual({ value: "27021597764222979" });
    expect(stepped("18446744073709551614", 1, SEED)).toBe("18446744073709551615");
    expect(stepped("9007199254740993", -1, SEED)).toBe("9007199254740992");
  });

  it("steps without the crumbs of binary fractions", () => {
    expect(stepped(0.1, 2, CFG)).toBe(0.3);
    expect(stepped(1, 1, DENOISE)).toBe(1);
    expect(stepped(512, 2, SIZE)).toBe(528);
    expect(stepped(Number.MAX_SAFE_INTEGER, 1, SEED)).toBe("9007199254740992");
  });

  it("shows a bar only where the range says something", () => {
    expect(fraction(0.25, DENOISE)).toBe(0.25);
    expect(fraction(20, STEPS)).toBeUndefined();
  });

  it("maps a short range onto the width of the field, and moves ten times finer with Shift", () => {
    expect(scrubbed(0, 100, 200, false, DENOISE)).toBe(0.5);
    expect(scrubbed(0, 100 * FINE, 200, true, DENOISE)).toBeCloseTo(0.05);
    expect(scrubbed(20, 40, 200, false, STEPS)).toBe(30);
    expect(scrubbed(20, 40 * FINE, 200, true, STEPS)).toBe(21);
    expect(scrubbed(0, 999, 200, false, DENOISE)).toBe(1);
    expect(scrubbed("18446744073709551610", -8, 200, false, SEED)).toBe("18446744073709551608");
  });

  it("shows whole floats with one digit", () => {
    expect(shown(8, CFG)).toBe("8.0");
    expect(shown(7.25, CFG)).toBe("7.25");
    expect(shown(20, STEPS)).toBe("20");
  });

  it("draws seeds in the range", () => {
    expect(randomSeed({ min: 0, max: 10 }, () => 25n)).toBe(3);
    expect(Number.isSafeInteger(randomSeed({ min: 0n, max: 2n ** 64n - 1n }))).toBe(true);
  });
});
