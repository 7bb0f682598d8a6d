import type { NewPatient, QueueEntry } from "../api/clinic-types";
import { Problem } from "../api/problem";
import type { LocalRegistration, RegistrationStore, Visit } from "./store";

/** What a registration needs of the server. Each call throws `Problem`. */
export interface Registry {
  register(patient: NewPatient, idempotencyKey: string): Promise<{ patient_id: string }>;
  queue(patientId: string, visit: Visit): Promise<QueueEntry>;
}

/** How it ended: on the server, kept here for later, or refused for good. */
export type Outcome =
  | { kind: "sent"; patientId: string; entry: QueueEntry | null }
  | { kind: "kept"; problem: Problem }
  | { kind: "refused"; problem: Problem };

/**
 * Bring one registration to the server, and its patient into the queue when that was wished; then forget it here.
 *
 * What is done is noted before the next step, so that whatever interrupts this, running it again goes on where it was.
 * The caller sees to it that it runs once at a time.
 */
export async function deliver(
  registration: LocalRegistration,
  store: RegistrationStore,
  registry: Registry,
): Promise<Outcome> {
  let { patientId } = registration;
  let entry: QueueEntry | null = null;
  try {
    if (!patientId) {
      patientId = (await registry.register(registration.patient, registration.localId)).patient_id;
      await store.put({ ...registration, patientId, refusal: null });
    }
    if (registration.visit) entry = await queueOnce(patientId, registration.visit, registry);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.passing || error.status === 401) return { kind: "kept", problem: error };
    const refusal = { code: error.code, reason: error.message, remedy: error.remedy };
    await store.put({ ...registration, patientId, refusal });
    return { kind: "refused", problem: error };
  }
  await store.remove(registration.localId);
  return { kind: "sent", patientId, entry };
}

/** Who is in the queue already is where they were wanted: the answer to the first try was lost, or somebody was faster. */
async function queueOnce(patientId: string, visit: Visit, registry: Registry): Promise<QueueEntry | null> {
  try {
    return await registry.queue(patientId, visit);
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 409 || typeof error.extras.entry_id !== "string") throw error;
    return null;
  }
}
