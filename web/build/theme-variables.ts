import type { Plugin } from "vite";
import { convertCssVariables, defaultCssVariablesResolver, mergeMantineTheme, DEFAULT_THEME } from "@mantine/core";
import { theme } from "../src/theme.ts";

const ID = "virtual:theme-variables.css";

/**
 * The colours and sizes of our theme as one static style sheet.
 *
 * Mantine writes them into an inline `<style>` at run time, which a strict content security policy refuses; computed
 * here at build time they are an ordinary file. `src/theme.ts` stays the one source.
 */
export function themeVariables(): Plugin {
  return {
    name: "auscult-theme-variables",
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    load(id) {
      if (id !== `\0${ID}`) return undefined;
      return themeCss();
    },
  };
}

/** The style sheet's text. */
export function themeCss(): string {
  const merged = mergeMantineTheme(DEFAULT_THEME, theme);
  return convertCssVariables(defaultCssVariablesResolver(merged), ":root");
}
