import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asInteger, isMarked, parseJson, printJson, unmarked } from "../../src/io/json";
import type { Json } from "../../src/core/types";

describe("JSON with large whole numbers", () => {
  it.each(["18446744073709551615", "-9223372036854775808", "9007199254740993", "[12345678901234567890,1]", '{"a":[{"b":98765432109876543210}]}'])(
    "gives back %s",
    (text) => expect(printJson(parseJson(text))).toBe(text),
  );

  it("leaves digits in text alone", () => {
    const text = '{"a":"18446744073709551615","b":"\\"18446744073709551615","c":"\\\\","18446744073709551615":2}';
    expect(printJson(parseJson(text))).toBe(text);
  });

  it("reads what Python writes for numbers that JSON lacks", () => {
    expect(parseJson('{"a":NaN,"b":-Infinity,"c":"NaN"}')).toEqual({ a: null, b: null, c: "NaN" });
  });

  it("reads floats as ever", () => expect(parseJson("[1.2345678901234567890, 1e300, 0.1]")).toEqual([1.2345678901234567, 1e300, 0.1]));

  it("refuses what is no JSON", () => {
    for (const text of ["", "{", '{"a":12345678901234567890', "{a:12345678901234567890}", "0012345678901234567890"]) expect(() => parseJson(text)).toThrow();
  });

  it("agrees with the engine's own parser on anything without such numbers", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const plain = JSON.parse(text) as Json;
        // A number with sixteen digits in front sends the text through the other way of reading.
        const long = parseJson(`[1234567890123456,${text}]`) as Json[];
        if (/\d{16}/.test(text)) return;
        expect(parseJson(text)).toEqual(plain);
        expect(long[1]).toEqual(plain);
      }),
    );
  });

  it("keeps any whole number", () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.string(), (number, text) => {
        const source = `{"n":${number},"t":${JSON.stringify(text)}}`;
        expect(printJson(parseJson(source))).toBe(source);
      }),
    );
  });

  it("turns text of digits into numbers, and back", () => {
    expect(asInteger("12")).toBe(12);
    expect(asInteger("x12")).toBe("x12");
    const marked = asInteger("18446744073709551615");
    expect(isMarked(marked)).toBe(true);
    expect(unmarked(marked)).toBe("18446744073709551615");
  });

  it("reads a string of ten million characters beside a large number", () => {
    const text = `["${"a".repeat(10_000_000)}",18446744073709551615]`;
    expect(printJson(parseJson(text))).toBe(text);
  });
});
