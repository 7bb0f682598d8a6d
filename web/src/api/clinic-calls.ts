import { answered, api } from "./client";
import type { NewPatient, Patient, PatientChange, Urgency } from "./clinic-types";

/** A phone that changed networks never hears of the old one: an answer that takes so long is not waited for. */
const PATIENCE_MS = 15_000;

/** One function for each thing that the clinic's pages ask of the server: patients and the queue. All throw `Problem`. */

const patient = (patientId: string) => ({ params: { path: { patient_id: patientId } } });
const entry = (entryId: string) => ({ params: { path: { entry_id: entryId } } });

export const getPatient = (id: string) => answered(api.GET("/patients/{patient_id}", patient(id)));
/** What is found goes into a body, never into an address: names and numbers do not belong into logs. */
export const searchPatients = (text: string) => answered(api.POST("/patients/search", { body: { text, limit: 20 } }));
export const findDuplicates = (wanted: NewPatient) => answered(api.POST("/patients/duplicates", { body: wanted }));
/** From the version that was read: what somebody else changed meanwhile is not overwritten. */
export const changePatient = (read: Patient, change: PatientChange) =>
  answered(
    api.PATCH("/patients/{patient_id}", {
      ...patient(read.patient_id),
      headers: { "If-Match": read.etag },
      // The description of the API calls a field with a default required; what is left out stays as it is.
      body: change as NewPatient,
    }),
  );
export const getSummary = (id: string) => answered(api.GET("/patients/{patient_id}/summary", patient(id)));
export const getPatientNotes = (id: string, cursor?: string) =>
  answered(
    api.GET("/patients/{patient_id}/notes", {
      params: { path: { patient_id: id }, query: { limit: 10, ...(cursor ? { cursor } : {}) } },
    }),
  );
/** The same key twice registers one patient: a call whose answer was lost may be sent again. */
export const registerPatient = (wanted: NewPatient, idempotencyKey: string) =>
  answered(api.POST("/patients", { body: wanted, headers: { "Idempotency-Key": idempotencyKey }, signal: AbortSignal.timeout(PATIENCE_MS) }));

export const getQueue = () => answered(api.GET("/queue"));
export const getNumbers = () => answered(api.GET("/queue/numbers"));
export const joinQueue = (patientId: string, reason: string, urgency: Urgency) =>
  answered(api.POST("/queue", { body: { patient_id: patientId, reason, urgency }, signal: AbortSignal.timeout(PATIENCE_MS) }));
/** Nobody named: the next. */
export const callIn = (entryId: string | null) =>
  answered(api.POST("/queue/call", { body: { entry_id: entryId, another: false } }));
export const startConsultation = (entryId: string | null, another: boolean) =>
  answered(api.POST("/queue/start", { body: { entry_id: entryId, another } }));
export const completeConsultation = (entryId: string) =>
  answered(api.POST("/queue/complete", { body: { entry_id: entryId } }));
export const cancelEntry = (entryId: string) => answered(api.POST("/queue/{entry_id}/cancel", entry(entryId)));
export const noteNoShow = (entryId: string) => answered(api.POST("/queue/{entry_id}/no-show", entry(entryId)));
export const queueAgain = (entryId: string) =>
  answered(api.POST("/queue/{entry_id}/queue-again", { ...entry(entryId), body: { keeps_place: true } }));
