import type { QueueEntry } from "../../api/clinic-types";

/** Rows are chosen by the focus on their link: what a screen reader reads, a key then acts on. */
const LINKS = "[data-entry] a[data-row]";

/** Move the focus to the next row, or the one before; to the first or last when none has it. */
export function moveChoice(by: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>(LINKS)];
  const at = links.findIndex((link) => link.closest("[data-entry]")?.contains(document.activeElement));
  const to = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + by));
  links[to]?.focus();
}

/** The entry whose row has the focus. */
export function chosenEntry(entries: readonly QueueEntry[]): QueueEntry | null {
  const id = document.activeElement?.closest("[data-entry]")?.getAttribute("data-entry");
  return entries.find((entry) => entry.entry_id === id) ?? null;
}
