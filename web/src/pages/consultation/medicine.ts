import type { Medication } from "../../api/types";

/** The medicine as a prescription names it, as far as it was said: `doxycycline 100 mg capsule`. */
export function nameOf(medicine: Medication): string {
  return [medicine.name, medicine.strength, medicine.form].filter(Boolean).join(" ");
}

/** How it is taken, in the order of a prescription, as far as it was said. `asNeeded` is the reader's word for p.r.n. */
export function howToTake(medicine: Medication, asNeeded: string): string {
  if (medicine.status === "reworded") return medicine.as_written;
  const parts = [
    medicine.dose,
    medicine.route,
    medicine.frequency,
    medicine.timing,
    medicine.prn && !medicine.frequency?.includes("needed") ? asNeeded : "",
    medicine.duration,
    medicine.reason && `(${medicine.reason})`,
  ];
  return parts.filter(Boolean).join(" ");
}

/** The medicine in one line. What a clinician worded anew stands as it was written. */
export function lineOf(medicine: Medication, asNeeded: string): string {
  if (medicine.status === "reworded") return medicine.as_written;
  return `${nameOf(medicine)} ${howToTake(medicine, asNeeded)}`.trim();
}
