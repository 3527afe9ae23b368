/** Workflows whose names are those of JavaScript's own objects, or whose texts are markup: read, shown and written as any other. */

import { describe, expect, it } from "vitest";
import { formLines } from "../../src/core/formfields";
import { definitionOf } from "../../src/core/instances";
import { readDefinitions, valueOf } from "../../src/core/schema";
import { sharedSettings } from "../../src/core/shared";
import { ROOT, type Json } from "../../src/core/types";
import { widgetsFor } from "../../src/core/widgets";
import { parseJson, printJson } from "../../src/io/json";
import { readWorkflow } from "../../src/io/read";
import { writeWorkflow } from "../../src/io/write";
import { colorOfFile } from "../../src/ui/colors";
import { contentsOf } from "../../src/ui/files/contents";

const NAMES = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "__defineGetter__"];
const MARKUP = ["<img src=x onerror=alert(1)>", "javascript:alert(1)", "\u202Egnp.exe", "\u0000", "\ud800", "a".repeat(100_000), "{{7*7}}", "%00"];

const defs = readDefinitions(
  parseJson(
    JSON.stringify({
      Odd: {
        input: { required: Object.fromEntries([...NAMES.filter((name) => name !== "__proto__").map((name) => [name, ["STRING", { default: "d" }]] as const)]) },
        output: ["IMAGE"],
        name: "Odd",
        category: "odd",
      },
    }).replace('"required":{', '"required":{"__proto__":["STRING",{"default":"d"}],'),
  ) as { [key: string]: Json },
);

function workflow(): string {
  const odd = NAMES.map((name) => `"${name}":{"${name}":"${name}"}`).join(",");
  const node = (id: number, type: string, values: string): string =>
    `{"id":${id},"type":${JSON.stringify(type)},"pos":[0,${id * 100}],"size":[200,100],"flags":{},"order":${id},"mode":0,"inputs":[],"outputs":[],"properties":{${odd}},${odd},"widgets_values":${values}}`;
  const nodes = [
    node(1, "Odd", JSON.stringify(NAMES.map((name) => `value of ${name}`))),
    ...NAMES.map((name, index) => node(index + 2, name, `{${odd}}`)),
    ...MARKUP.map((text, index) => node(index + 20, text, JSON.stringify([text, { [text]: text }]))),
  ];
  const form = `{"items":[${NAMES.map((name) => `{"node":1,"setting":"${name}","label":${JSON.stringify(MARKUP[0])},"help":{"a":1}}`).join(",")},{"node":{},"setting":1},7,null,{"heading":${JSON.stringify(MARKUP[2])}}]}`;
  return `{"nodes":[${nodes.join(",")}],"links":[],"groups":[],"version":0.4,"extra":{"darkroom_form":${form},"darkroom_hidden_links":["__proto__",{},null,1e99],${odd}},${odd},"definitions":{"subgraphs":[${NAMES.map((name) => `{"id":"${name}","name":"${name}","nodes":[],"links":[],${odd}}`).join(",")}]}}`;
}

describe("a hostile workflow", () => {
  it("is written as it was read, whatever its fields are called", () => {
    const { state } = readWorkflow(workflow(), defs);
    const written = printJson(writeWorkflow(state, defs));
    for (const [path, value] of leaves(JSON.parse(workflow()) as Json)) expect(at(JSON.parse(written) as Json, path), path.join(".").slice(0, 200)).toEqual(value);
    expect(printJson(writeWorkflow(readWorkflow(written, defs).state, defs))).toBe(written);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it("has only values that are JSON, under any name", () => {
    const { state } = readWorkflow(workflow(), defs);
    for (const node of state.graphs.get(ROOT)?.nodes.values() ?? []) {
      const def = definitionOf(state, defs, node.type, node);
      for (const widget of def ? widgetsFor(def, node.values) : []) expect(typeof valueOf(node, widget), widget.name).not.toBe("function");
    }
    const odd = state.graphs.get(ROOT)?.nodes.get("1");
    expect(Object.getPrototypeOf(odd?.values)).toBe(Object.prototype);
    const lines = formLines(state, defs).flatMap((line) => (line.kind === "setting" ? [line.value] : []));
    expect(lines).toEqual(NAMES.map((name) => `value of ${name}`));
    const without = odd && { ...odd, values: {} };
    for (const each of sharedSettings(state, defs, without ? [without] : [])) expect(each.value).toBe("d");
  });

  it("can be looked through before it leaves", () => {
    const { state } = readWorkflow(workflow(), defs);
    expect(JSON.stringify(contentsOf(state, defs))).toContain("onerror");
  });

  it("is drawn within bounds, and keeps its own numbers until it is moved", () => {
    const text = `{"nodes":[{"id":1,"type":"x","pos":[1e300,-1e300],"size":[1e300,5e6]},{"id":2,"type":"x","pos":[1e7,-1e7],"size":[1e5,1e5]},{"id":3,"type":"x","pos":[12.5,7],"size":[200,90]}],"links":[],"version":0.4}`;
    const { state } = readWorkflow(text, defs);
    for (const node of state.graphs.get(ROOT)?.nodes.values() ?? []) for (const number of [...node.pos, ...node.size]) expect(Math.abs(number)).toBeLessThan(1.1e7);
    const written = writeWorkflow(state, defs) as { nodes: { pos: Json; size: Json }[] };
    expect(written.nodes.map(({ pos, size }) => [pos, size])).toEqual((JSON.parse(text) as typeof written).nodes.map(({ pos, size }) => [pos, size]));
  });

  it("has colours that are colours, or none", () => {
    for (const good of ["#223", "#AABBCC80", "red", "rgb(1, 2, 3)", "hsla(120 50% 40% / 0.5)", " #fff "]) expect(colorOfFile(good)).toBe(good.trim());
    for (const bad of ["url(//a)", "url(http://a/x)", "red;background:url(x)", "var(--x)", "expression(1)", "", "image-set('x')", "#12", "a".repeat(99), undefined]) expect(colorOfFile(bad), bad).toBeUndefined();
  });

  it("comes from whatever shape without a crash, or is refused in words", () => {
    for (const value of [null, 7, "x", [], {}, [[]], { a: { b: [] } }, true]) {
      for (const key of ["nodes", "links", "groups", "reroutes", "extra", "definitions", "config", "version"]) {
        const raw = { ...(JSON.parse(workflow()) as { [key: string]: Json }), [key]: value } as Json;
        try {
          const { state } = readWorkflow(raw, defs);
          formLines(state, defs);
          writeWorkflow(state, defs);
        } catch (error) {
          expect((error as Error).message).toMatch(/^This is no/);
        }
      }
    }
  });
});

/** Every own path to a value that is no object. */
function leaves(value: Json, path: string[] = []): [string[], Json][] {
  if (typeof value !== "object" || value === null) return [[path, value]];
  return Object.keys(value).flatMap((key) => leaves((value as { [key: string]: Json })[key] ?? null, [...path, key]));
}

function at(value: Json, path: readonly string[]): Json | undefined {
  let found: Json | undefined = value;
  for (const key of path) {
    const held: Json | undefined = found;
    if (typeof held !== "object" || held === null || !Object.hasOwn(held, key)) return undefined;
    found = Object.getOwnPropertyDescriptor(held, key)?.value as Json;
  }
  return found;
}
