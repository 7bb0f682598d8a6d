import type { QueueEntry } from "../../api/clinic-types";

/** The consultations of this clinician, the one that began last first. */
export function mineOf(entries: readonly QueueEntry[], userId: string | undefined): QueueEntry[] {
  return entries
    .filter((entry) => entry.status === "consulting" && entry.called_by === userId)
    .toSorted((a, b) => (b.started_at ?? "").localeCompare(a.started_at ?? ""));
}

/** Whole minutes since then; none before it. */
export function minutesSince(iso: string, now: number): number {
  return Math.max(0, Math.floor((now - new Date(iso).getTime()) / 60_000));
}
