import { answered, api } from "./client";
import type { ConsentGiver, SpokenLanguage, Template } from "./types";

/** One function for each thing the app asks of the server. All throw `Problem`. */

const recording = (recordingId: string) => ({ params: { path: { recording_id: recordingId } } });
const changing = (noteId: string, etag: string) => ({
  params: { path: { note_id: noteId } },
  headers: { "If-Match": etag },
});
const changingStatement = (noteId: string, statementId: string, etag: string) => ({
  params: { path: { note_id: noteId, statement_id: statementId } },
  headers: { "If-Match": etag },
});

export const getMe = () => answered(api.GET("/me"));
export const getPreferences = () => answered(api.GET("/me/preferences"));
export const changePreferences = (template: Template) =>
  answered(api.PATCH("/me/preferences", { body: { template } }));
export const signOut = () => answered(api.POST("/sign-out"));

export interface NewRecording {
  contentType: string;
  live: boolean;
  language: SpokenLanguage;
  title: string;
  givenBy: ConsentGiver | null;
  /** Whom it is filed under from the start. */
  patientId?: string | null;
  /** The same key twice makes one recording: a create whose answer was lost may be sent again. */
  idempotencyKey: string;
}

export const createRecording = (wanted: NewRecording) =>
  answered(
    api.POST("/recordings", {
      body: {
        content_type: wanted.contentType,
        live: wanted.live,
        language: wanted.language,
        title: wanted.title,
        patient_id: wanted.patientId ?? null,
        consent: wanted.givenBy ? { given_by: wanted.givenBy } : null,
      },
      headers: { "Idempotency-Key": wanted.idempotencyKey },
    }),
  );

export const listRecordings = (cursor?: string) =>
  answered(api.GET("/recordings", { params: { query: { limit: 20, ...(cursor ? { cursor } : {}) } } }));
export const getRecording = (id: string) => answered(api.GET("/recordings/{recording_id}", recording(id)));
export const renameRecording = (id: string, title: string) =>
  answered(api.PATCH("/recordings/{recording_id}", { ...recording(id), body: { title } }));
export const fileRecording = (id: string, patientId: string | null) =>
  answered(api.PATCH("/recordings/{recording_id}", { ...recording(id), body: { patient_id: patientId } }));
export const discardRecording = (id: string) => answered(api.DELETE("/recordings/{recording_id}", recording(id)));
export const withdrawConsent = (id: string) =>
  answered(api.POST("/recordings/{recording_id}/withdraw-consent", recording(id)));
export const recordConsent = (id: string, givenBy: ConsentGiver) =>
  answered(api.POST("/recordings/{recording_id}/consent", { ...recording(id), body: { given_by: givenBy } }));
export const cancelRecording = (id: string) => answered(api.POST("/recordings/{recording_id}/cancel", recording(id)));
export const retryRecording = (id: string) => answered(api.POST("/recordings/{recording_id}/retry", recording(id)));
export const transcribeAgain = (id: string) =>
  answered(api.POST("/recordings/{recording_id}/transcribe", recording(id)));
export const rewriteNote = (id: string, template: Template) =>
  answered(api.POST("/recordings/{recording_id}/rewrite", { ...recording(id), body: { template } }));
export const getTranscript = (id: string, version: number) =>
  answered(
    api.GET("/recordings/{recording_id}/transcript", {
      params: { path: { recording_id: id }, query: { version } },
    }),
  );
export const swapSpeakers = (id: string) =>
  answered(api.POST("/recordings/{recording_id}/swap-speakers", recording(id)));
export const getComparison = (id: string) => answered(api.GET("/recordings/{recording_id}/comparison", recording(id)));
export const audioUrl = (id: string) => `/recordings/${encodeURIComponent(id)}/audio`;

export const getSlices = (id: string) => answered(api.GET("/recordings/{recording_id}/chunks", recording(id)));
export const finalise = (id: string, count: number, sha256: string) =>
  answered(api.POST("/recordings/{recording_id}/finalise", { ...recording(id), body: { count, sha256 } }));

export const getNote = (id: string, version?: number) =>
  answered(api.GET("/notes/{note_id}", { params: { path: { note_id: id }, query: version ? { version } : {} } }));
export const getNoteVersions = (id: string) =>
  answered(api.GET("/notes/{note_id}/versions", { params: { path: { note_id: id } } }));
export const editStatement = (id: string, statementId: string, etag: string, text: string) =>
  answered(
    api.PATCH("/notes/{note_id}/statements/{statement_id}", {
      ...changingStatement(id, statementId, etag),
      body: { text },
    }),
  );
export const removeStatement = (id: string, statementId: string, etag: string) =>
  answered(api.DELETE("/notes/{note_id}/statements/{statement_id}", changingStatement(id, statementId, etag)));
export const keepStatement = (id: string, statementId: string, etag: string) =>
  answered(api.POST("/notes/{note_id}/statements/{statement_id}/keep", changingStatement(id, statementId, etag)));
/** A sentence of the clinician's own: behind the sentence `after`, for the same problem, or at the section's end. */
export const addStatement = (id: string, etag: string, section: string, text: string, after?: string) =>
  answered(api.POST("/notes/{note_id}/statements", { ...changing(id, etag), body: { section, text, after: after ?? null } }));
export const addOmitted = (id: string, statementId: string, etag: string) =>
  answered(api.POST("/notes/{note_id}/omitted/{statement_id}/add", changingStatement(id, statementId, etag)));
export const dismissOmitted = (id: string, statementId: string, etag: string) =>
  answered(api.DELETE("/notes/{note_id}/omitted/{statement_id}", changingStatement(id, statementId, etag)));
export const undoNote = (id: string, etag: string) => answered(api.POST("/notes/{note_id}/undo", changing(id, etag)));
export const signNote = (id: string, etag: string) => answered(api.POST("/notes/{note_id}/sign", changing(id, etag)));
export const amendNote = (id: string, etag: string, reason: string) =>
  answered(api.POST("/notes/{note_id}/amend", { ...changing(id, etag), body: { reason } }));

/** The patients seen last; searching by name is done among these. */
export const recentPatients = () => answered(api.GET("/patients", { params: { query: { limit: 100 } } }));
export const createPatient = (wanted: { name: string; birthDate: string | null; sex: Sex }) =>
  answered(
    api.POST("/patients", {
      body: {
        name: wanted.name,
        birth_date: wanted.birthDate,
        sex: wanted.sex,
        phone: "",
        language: "en",
        identifiers: [],
        allergies: [],
        problems: [],
        medicines: [],
      },
    }),
  );
export type Sex = "female" | "male" | "other" | "unknown";

export const getEngines = () => answered(api.GET("/engines"));
export const pullWhisper = (size: string) => answered(api.POST("/engines/whisper/pull", { body: { size } }));
export const cancelPull = () => answered(api.POST("/engines/whisper/cancel"));

export const startSample = () => answered(api.POST("/sample"));
