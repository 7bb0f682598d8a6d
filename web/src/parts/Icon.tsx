/** Line drawings on a 24 × 24 grid, drawn for this app. Always beside words or inside a named button. */
const PATHS = {
  alert: "M12 3 2.5 20h19L12 3Zm0 7v4m0 3v.01",
  back: "M15 5l-7 7 7 7",
  check: "M4.5 12.5l5 5 10-11",
  chevron: "M9 5l7 7-7 7",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  download: "M12 4v11m-5-5 5 5 5-5M5 20h14",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z",
  eyeOff: "M4 4l16 16M9.5 6a9 9 0 0 1 2.5-.5c6 0 9.5 6.5 9.5 6.5a17 17 0 0 1-2.6 3.4M6 7.8A16 16 0 0 0 2.5 12S6 18.5 12 18.5c1.6 0 3-.4 4.2-1M10 10a3 3 0 0 0 4 4",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  gear: "M4 7h9m5 0h2M4 17h2m5 0h9M13 4.5v5M8 14.5v5",
  microphone: "M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3Zm-7 9a7 7 0 0 0 14 0m-7 7v3",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  pause: "M8 5v14M16 5v14",
  pencil: "M4 20l1-4L16.5 4.5l3 3L8 19l-4 1Z",
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4.5 20a7.5 7.5 0 0 1 15 0",
  play: "M7 4.5v15l12-7.5z",
  plus: "M12 5v14M5 12h14",
  queue: "M4 6h16M4 12h16M4 18h10",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm5 11.5L21 21",
  print: "M7 9V4h10v5M7 17H4v-8h16v8h-3M7 14h10v6H7z",
  stop: "M6 6h12v12H6z",
  swap: "M4 8h15m-4-4 4 4-4 4M20 16H5m4 4-4-4 4-4",
  trash: "M4 7h16M9 7V4h6v3m-9 0 1 14h10l1-14",
  undo: "M9 6 4 11l5 5M4 11h9a6 6 0 0 1 6 6v1",
  wave: "M3 12h3l2-6 4 13 4-15 3 11 1-3h1",
} as const;

const FILLED: ReadonlySet<IconName> = new Set<IconName>(["play", "stop"]);

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill={FILLED.has(name) ? "currentColor" : "none"}
      stroke="currentColor"
      strokeWidth={name === "pause" || name === "more" ? 3 : 1.9}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
