import type { paths } from "./schema";
import type { Answer, Patient as Plain } from "./types";

/** A patient, with the version that a change has to name. */
export type Patient = Plain & { etag?: string };

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

export type Reason = "same_name" | "same_birth_date" | "same_phone" | "same_identifier" | "similar_name";

/** Who may be the same person, and what speaks for it. */
export interface Duplicates {
  items: { patient: Patient; reasons: Reason[] }[];
}

/** A measurement that a note holds, with the sentence that it was read from. */
export interface Vital {
  name: string;
  value: string;
  unit: string;
  taken_at: string;
  note_id: string;
  statement_id: string;
}

/** One line of what is known: registered, or said by a signed note, which then is named. */
export interface Known {
  text: string;
  note_id: string | null;
  statement_id: string | null;
  at: string | null;
}

/** What a clinician wants to know of a patient at one look. */
export interface Summary {
  patient: Patient;
  problems: Known[];
  medicines: Known[];
  allergies: Known[];
  vitals: Vital[];
  last_visit: string | null;
  notes_count: number;
}
