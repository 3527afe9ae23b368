import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/ui/widgets/expression";
import { fraction, scrubbed, shown, stepped, typed, type NumberDef } from "../../src/ui/widgets/numbers";
import { randomSeed } from "../../src/ui/widgets/seeds";
import { reweighted } from "../../src/ui/widgets/weights";

const STEPS: NumberDef = { kind: "int", min: 1, max: 10000, step: 1 };
const CFG: NumberDef = { kind: "float", min: 0, max: 100, step: 0.1, round: 0.01 };
const DENOISE: NumberDef = { kind: "float", min: 0, max: 1, step: 0.01 };
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

describe("number settings", () => {
  it("keeps what was typed inside the range and on the rounding", () => {
    expect(typed("20000", STEPS)).toBe(10000);
    expect(typed("7.256", CFG)).toBe(7.26);
    expect(typed("20.4", STEPS)).toBe(20);
    expect(typed("rubbish", STEPS)).toBeUndefined();
  });

  it("keeps every digit of a 64-bit seed", () => {
    expect(typed("18446744073709551615", SEED)).toBe("18446744073709551615");
    expect(typed("18446744073709551616", SEED)).toBe("18446744073709551615");
    expect(stepped("18446744073709551614", 1, SEED)).toBe("18446744073709551615");
    expect(stepped("9007199254740993", -1, SEED)).toBe("9007199254740992");
  });

  it("steps without the crumbs of binary fractions", () => {
    expect(stepped(0.1, 2, CFG)).toBe(0.3);
    expect(stepped(1, 1, DENOISE)).toBe(1);
  });

  it("shows a bar only where the range says something", () => {
    expect(fraction(0.25, DENOISE)).toBe(0.25);
    expect(fraction(20, STEPS)).toBeUndefined();
  });

  it("maps a short range onto the width of the field, and moves ten times finer with Shift", () => {
    expect(scrubbed(0, 100, 200, false, DENOISE)).toBe(0.5);
    expect(scrubbed(0, 100, 200, true, DENOISE)).toBeCloseTo(0.05);
    expect(scrubbed(20, 40, 200, false, STEPS)).toBe(30);
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

describe("prompt weights", () => {
  it("puts a weight around the word at the cursor", () => {
    expect(reweighted("a red house", 3, 3, 1)?.text).toBe("a (red:1.05) house");
  });

  it("raises and lowers a weight that is there, and takes it away at 1", () => {
    expect(reweighted("a (red:1.05) house", 3, 6, 1)?.text).toBe("a (red:1.1) house");
    expect(reweighted("a (red:1.05) house", 3, 6, -1)?.text).toBe("a red house");
  });
});
