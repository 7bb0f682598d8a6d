import { createTheme } from "@mantine/core";

/** Cyan with automatic contrast passes WCAG AA in light and in dark; type is the device's own, also for Devanagari. */
export const theme = createTheme({
  primaryColor: "cyan",
  primaryShade: 9,
  autoContrast: true,
  respectReducedMotion: true,
  defaultRadius: "md",
  cursorType: "pointer",
  focusRing: "auto",
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Devanagari", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, "Noto Sans Mono", monospace',
  headings: { fontWeight: "650" },
});
