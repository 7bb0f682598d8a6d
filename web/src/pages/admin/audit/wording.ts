import type { AuditEntry } from "../../../api/access-types";

/** What a request is called, by its method and route. What is not here is told by what was done, and to what. */
const ACTS = {
  "GET /sign-in": "signInLink",
  "POST /sign-in": "signIn",
  "GET /sign-in/provider/back": "signInProvider",
  "POST /sign-out": "signOut",
  "PUT /me/password": "password",
  "POST /me/second-factor/confirm": "factorOn",
  "POST /me/second-factor/remove": "factorOff",
  "DELETE /me/sessions/{session_id}": "endBrowser",
  "GET /phone": "phone",
  "GET /people": "people",
  "POST /people": "addPerson",
  "PATCH /people/{user_id}": "changePerson",
  "POST /people/{user_id}/sign-in-link": "invite",
  "DELETE /people/{user_id}/second-factor": "factorOffFor",
  "DELETE /sessions/{session_id}": "endBrowser",
  "GET /me": "whoAmI",
  "GET /me/sessions": "browsers",
  "GET /sessions": "browsers",
  "POST /me/second-factor": "factorBegin",
  "GET /engines": "machine",
  "GET /events": "events",
  "GET /api-keys": "keys",
  "POST /api-keys": "makeKey",
  "POST /api-keys/{key_id}/rotate": "rotateKey",
  "DELETE /api-keys/{key_id}": "revokeKey",
  "GET /devices": "devices",
  "POST /devices": "addDevice",
  "DELETE /devices/{device_id}": "revokeDevice",
  "POST /audit/search": "audit",
  "GET /patients": "patients",
  "POST /patients/search": "searchPatients",
  "POST /patients/duplicates": "duplicates",
  "POST /patients": "register",
  "GET /patients/{patient_id}": "openPatient",
  "PATCH /patients/{patient_id}": "correctPatient",
  "POST /patients/{patient_id}/merge": "merge",
  "GET /patients/{patient_id}/summary": "summary",
  "GET /patients/{patient_id}/notes": "patientNotes",
  "GET /notes/{note_id}": "openNote",
  "GET /notes/{note_id}/versions": "openVersions",
  "POST /notes/{note_id}/sign": "signNote",
  "POST /notes/{note_id}/amend": "amendNote",
  "POST /notes/{note_id}/undo": "editNote",
  "POST /notes/{note_id}/statements": "editNote",
  "PATCH /notes/{note_id}/statements/{statement_id}": "editNote",
  "DELETE /notes/{note_id}/statements/{statement_id}": "editNote",
  "POST /notes/{note_id}/statements/{statement_id}/keep": "editNote",
  "DELETE /notes/{note_id}/omitted/{statement_id}": "editNote",
  "POST /notes/{note_id}/omitted/{statement_id}/add": "editNote",
  "GET /queue": "queue",
  "POST /queue": "joinQueue",
  "POST /queue/call": "callIn",
  "POST /queue/start": "startVisit",
  "POST /queue/complete": "endVisit",
  "GET /queue/numbers": "queueNumbers",
  "GET /queue/{entry_id}": "queue",
  "POST /queue/{entry_id}/cancel": "cancelVisit",
  "POST /queue/{entry_id}/no-show": "noShow",
  "POST /queue/{entry_id}/queue-again": "queueAgain",
  "GET /recordings": "recordings",
  "POST /recordings": "record",
  "GET /recordings/{recording_id}": "openRecording",
  "PATCH /recordings/{recording_id}": "fileRecording",
  "DELETE /recordings/{recording_id}": "discardRecording",
  "POST /recordings/{recording_id}/finalise": "endRecording",
  "POST /recordings/{recording_id}/transcribe": "transcribe",
  "POST /recordings/{recording_id}/retry": "transcribe",
  "POST /recordings/{recording_id}/rewrite": "rewrite",
  "GET /recordings/{recording_id}/comparison": "transcript",
  "GET /recordings/{recording_id}/audio": "listen",
  "GET /recordings/{recording_id}/transcript": "transcript",
  "POST /recordings/{recording_id}/consent": "consent",
  "POST /recordings/{recording_id}/withdraw-consent": "withdrawConsent",
} as const;

/** Acts that are the same through whichever door they come. */
const KINDS = {
  sign_in: "signIn",
  sign_out: "signOut",
  break_glass: "breakGlass",
  export: "export",
  erasure: "erasure",
  checkpoint: "checkpoint",
} as const;

/** What was done, where nothing more exact is known. */
export const ACTIONS = { R: "read", C: "create", U: "update", D: "delete", E: "execute" } as const;

/** Types of documents, and names in routes, as the reader calls them; what is not here is told in the details only. */
const THINGS = {
  patient: "patient",
  note: "note",
  recording: "recording",
  transcript: "transcript",
  queue_entry: "queueEntry",
  entry: "queueEntry",
  user: "person",
  account: "account",
  session: "browser",
  sign_in_link: "signInLink",
  api_key: "key",
  key: "key",
  device: "device",
  preferences: "preferences",
} as const;

export type ActName = (typeof ACTS)[keyof typeof ACTS] | (typeof KINDS)[keyof typeof KINDS];
export type ThingName = (typeof THINGS)[keyof typeof THINGS];
type Told = Pick<AuditEntry, "kind" | "act" | "action"> & { entities: readonly AuditEntry["entities"][number][] };

/** An act by its name, or by what was done to which things. */
export type What = { act: ActName } | { action: (typeof ACTIONS)[keyof typeof ACTIONS]; things: ThingName[] };

const known = <Table extends object>(table: Table, key: string): key is keyof Table & string => Object.hasOwn(table, key);

export function whatOf(entry: Told): What {
  if (known(ACTS, entry.act)) return { act: ACTS[entry.act] };
  if (known(KINDS, entry.kind)) return { act: KINDS[entry.kind] };
  const things = entry.entities.flatMap(({ type }) => (known(THINGS, type) ? [THINGS[type]] : []));
  return { action: ACTIONS[entry.action], things: [...new Set(things)] };
}

export type Who = "unknown" | "patient" | "display" | "system" | null;

/** Who it was, where the trail holds no name: null when it does. */
export function namelessOf(entry: Pick<AuditEntry, "user_id" | "user_name" | "role">): Who {
  if (entry.role === "system") return "system";
  if (entry.user_name) return null;
  return entry.role === "patient" || entry.role === "display" ? entry.role : "unknown";
}

export type Where = "here" | "commandLine" | "there" | null;

/** From where it came: this machine, its command line, an address; null when nobody came (a job of the clinic's own). */
export function whereOf(address: string): Where {
  if (!address) return null;
  if (address === "local") return "commandLine";
  return address === "::1" || address.startsWith("127.") ? "here" : "there";
}

export type Outcome = "done" | "refused" | "failed";

/** How it ended: what is answered with 401, 403, 404 or 429 was refused; the rest that did not succeed failed. */
export function outcomeOf(entry: Pick<AuditEntry, "kind" | "outcome">): Outcome {
  if (entry.outcome === "0") return "done";
  return entry.kind === "refusal" ? "refused" : "failed";
}

export interface Sought {
  patientId: string | null;
  userId: string | null;
  action: keyof typeof ACTIONS | null;
  /** Days of the reader's own clock, as a date field gives them; empty: without an end. */
  from: string;
  to: string;
}

export const EVERYTHING: Sought = { patientId: null, userId: null, action: null, from: "", to: "" };

/** Both days count whole: the span ends where the day after begins. */
export function bodyOf(sought: Sought) {
  return {
    patient_id: sought.patientId,
    user_id: sought.userId,
    actions: sought.action ? [sought.action] : [],
    since: sought.from ? midnight(sought.from, 0) : null,
    until: sought.to ? midnight(sought.to, 1) : null,
  };
}

function midnight(day: string, later: number): string {
  const at = new Date(`${day}T00:00:00`);
  at.setDate(at.getDate() + later);
  return at.toISOString();
}
