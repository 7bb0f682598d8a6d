import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const ROOT = join(import.meta.dirname, "..");

/**
 * Write `sw.js` with the list of every built file, so that the recorder opens without a network.
 *
 * The version is the hash of that list and its contents: a new build is a new worker, and the old cache goes with it.
 */
export function serviceWorker(): Plugin {
  return {
    name: "auscult-service-worker",
    apply: "build",
    generateBundle(_options, bundle) {
      const hash = createHash("sha256");
      const files = new Set<string>(["/app/"]);
      for (const [name, output] of Object.entries(bundle).toSorted(([a], [b]) => a.localeCompare(b))) {
        hash.update(name).update(output.type === "chunk" ? output.code : output.source);
        if (name !== "index.html" && !name.endsWith(".map")) files.add(`/app/${name}`);
      }
      for (const name of readdirSync(join(ROOT, "public")).toSorted()) {
        hash.update(name).update(readFileSync(join(ROOT, "public", name)));
        files.add(`/app/${name}`);
      }
      const template = readFileSync(join(ROOT, "src", "sw", "service-worker.js"), "utf8");
      const source = template
        .replace('"__VERSION__"', JSON.stringify(hash.digest("hex").slice(0, 16)))
        .replace('["__FILES__"]', JSON.stringify([...files]));
      this.emitFile({ type: "asset", fileName: "sw.js", source });
    },
  };
}
