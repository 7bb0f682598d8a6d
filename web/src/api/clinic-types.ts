import type { paths } from "./schema";
import type { Answer, Patient } from "./types";

export type { Patient } from "./types";
export type QueueEntry = Answer<"/queue/{entry_id}", "get", 200>;
export type QueueStatus = QueueEntry["status"];
export type Urgency = QueueEntry["urgency"];
export type Numbers = Answer<"/queue/numbers", "get", 200>;
export type NewPatient = NonNullable<paths["/patients"]["post"]["requestBody"]>["content"]["application/json"];
export type Identifier = Patient["identifiers"][number];
export type Sex = Patient["sex"];

export const URGENCIES: readonly Urgency[] = ["routine", "urgent", "emergency"];
export const SEXES: readonly Sex[] = ["female", "male", "other", "unknown"];

/** What to change of a patient; what is not named stays. */
export type PatientChange = Partial<NewPatient>;

/** Who may be the same person, and what speaks for it. */
export interface Duplicates {
  items: { patient: Patient; reasons: string[] }[];
}

/** A measurement that a note holds, with the sentence that it was read from. */
export interface Vital {
  name: string;
  value: string | number;
  unit: string;
  taken_at: string;
  note_id: string;
  statement_id: string;
}

/** What a clinician wants to know of a patient at one look. */
export interface Summary {
  patient: Patient;
  problems: string[];
  medicines: string[];
  allergies: string[];
  vitals: Vital[];
  last_visit: string | null;
  notes_count: number;
}
