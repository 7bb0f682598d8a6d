import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { sectionTitle } from "./section-title";

const TEMPLATES = new URL("../../../src/auscult/knowledge/templates/", import.meta.url);

it("has a Hindi title for every section of every template, and leaves others and English ones as they are", () => {
  const files = readdirSync(TEMPLATES).filter((name) => name.endsWith(".json"));
  expect(files.length).toBeGreaterThan(2);
  for (const name of files) {
    const { sections } = JSON.parse(readFileSync(new URL(name, TEMPLATES), "utf8")) as { sections: { title: string }[] };
    for (const { title } of sections) {
      expect(sectionTitle(title, "hi")).toMatch(/^[\u0900-\u097f ]+$/);
      expect(sectionTitle(title, "en")).toBe(title);
    }
  }
  expect(sectionTitle("Their own", "hi")).toBe("Their own");
});
