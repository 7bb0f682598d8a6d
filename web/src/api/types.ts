import type { paths } from "./schema";

/** The JSON body that a call answers with. Taken from the paths, so that the server may name its models as it likes. */
export type Answer<Path extends keyof paths, Method extends keyof paths[Path], Status extends number> = paths[Path][Method] extends {
  responses: Record<Status, { content: { "application/json": infer Body } }>;
}
  ? Body
  : never;

export type Me = Answer<"/me", "get", 200>;
export type Preferences = Answer<"/me/preferences", "get", 200>;
export type Template = Preferences["template"];
export type Recording = Answer<"/recordings/{recording_id}", "get", 200>;
export type RecordingStatus = Recording["status"];
export type Step = Recording["steps"][number];
export type Transcript = Answer<"/recordings/{recording_id}/transcript", "get", 200>;
export type Turn = Transcript["turns"][number];
export type Comparison = Answer<"/recordings/{recording_id}/comparison", "get", 200>;
export type Note = Answer<"/notes/{note_id}", "get", 200>;
export type NoteBody = Note["body"];
export type Section = NoteBody["sections"][number];
export type Statement = Section["statements"][number];
export type Medication = NoteBody["medications"][number];
export type Source = Statement["sources"][number];
export type NoteVersion = Answer<"/notes/{note_id}/versions", "get", 200>["items"][number];
export type Patient = Answer<"/patients/{patient_id}", "get", 200>;
export type Engines = Answer<"/engines", "get", 200>;
export type Pull = NonNullable<Engines["pull"]>;

export type ConsentGiver = "patient" | "parent" | "guardian" | "attorney";
export type SpokenLanguage = "auto" | "en" | "hi";

/** How a note can be laid out. */
export const TEMPLATES: readonly Template[] = ["visit", "soap", "gp"];

/** The statuses in which the server still works on a recording. */
export const WORKING: readonly RecordingStatus[] = ["received", "processing"];
