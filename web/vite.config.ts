import { svelte } from "@sveltejs/vite-plugin-svelte";
import { minify } from "terser";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const SERVER = "http://127.0.0.1:8188";

/** By class: the component whose styles it marks. */
const marked = new Map<string, string>();

/** Short classes for the styles of components: as much of the hash of their paths as no other has. */
function cssHash({ filename, hash }: { filename: string; hash: (text: string) => string }): string {
  const path = filename.replaceAll("\\", "/").replace(/^(.*\/)?src\//, "");
  const whole = hash(path);
  for (let length = 2; length <= whole.length; length += 1) {
    const short = `_${whole.slice(0, length)}`;
    if ((marked.get(short) ?? path) !== path) continue;
    marked.set(short, path);
    return short;
  }
  throw new Error(`${path} and ${marked.get(`_${whole}`)} have the same hash`);
}

/**
 * Leaves out what no page of ours needs: taking over HTML that a server drew, for which Svelte has a switch whose own comment
 * speaks of leaving it out, and loading styles along with a script, as all styles are in one file.
 */
function unneeded(): Plugin {
  return {
    name: "unneeded",
    apply: "build",
    enforce: "pre",
    load(id) {
      return id.endsWith("vite/preload-helper.js") ? "export const __vitePreload = (load) => load();" : undefined;
    },
    transform(code, id) {
      if (!id.endsWith("/svelte/src/internal/client/dom/hydration.js")) return;
      const left = code.replace("export let hydrating = false;", "export const hydrating = false;").replace(/^\s*hydrating = value;$/m, "");
      if (left === code) this.error("Svelte keeps `hydrating` elsewhere now");
      return left;
    },
  };
}

/** A second look at what the bundler made small: one hundredth less to load. */
function smaller(): Plugin {
  return {
    name: "smaller",
    apply: "build",
    async generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== "chunk") continue;
        const { code } = await minify(file.code, { ecma: 2020, module: true, mangle: false, compress: { passes: 2 } });
        file.code = code ?? file.code;
      }
    },
  };
}

export default defineConfig({
  plugins: [svelte({ compilerOptions: { cssHash, discloseVersion: false } }), unneeded(), smaller()],
  build: { outDir: "dist", target: "es2023", assetsInlineLimit: 0, cssCodeSplit: false, modulePreload: false },
  server: { proxy: { "/api": SERVER, "/ws": { target: SERVER, ws: true } } },
  test: { include: ["tests/**/*.test.ts"] },
});
