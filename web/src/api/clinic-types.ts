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
export type Duplicates = Answer<"/patients/duplicates", "post", 200>;
/** What a clinician wants to know of a patient at one look. */
export type Summary = Answer<"/patients/{patient_id}/summary", "get", 200>;
/** One line of it: registered, or said by a signed note, which then is named. */
export type Known = Summary["problems"][number];
