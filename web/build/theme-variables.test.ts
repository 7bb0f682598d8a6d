import { expect, it } from "vitest";
import { themeCss } from "./theme-variables.ts";

it("writes our theme as a static style sheet for both colour schemes", () => {
  const css = themeCss();
  expect(css).toContain("--mantine-primary-color-filled: var(--mantine-color-cyan-filled)");
  expect(css).toContain("Noto Sans Devanagari");
  expect(css).toContain('[data-mantine-color-scheme="dark"]');
});
