import type { QueryClient } from "@tanstack/react-query";
import type { ServerEvent } from "../api/events";
import { patientQuery, queueQuery } from "../api/queries";

/** A note that has just been written and that its reader waits for. */
export interface ArrivedNote {
  noteId: string;
  name: string;
}

/**
 * The note that an event tells of, when the reader waits for it: their own consultation's, or of the patient whose page
 * is open. In a clinic of ten, the notes of the others are no news.
 */
export async function noteForMe(
  client: QueryClient,
  event: ServerEvent,
  path: string,
  userId: string | undefined,
): Promise<ArrivedNote | null> {
  if (event.event !== "soap_ready" || !event.note_id || !event.patient_id) return null;
  if (event.recording_id && path === `/recordings/${event.recording_id}`) return null; // it appears there by itself
  const queue = client.getQueryData(queueQuery.queryKey)?.items ?? [];
  const mine = queue.some(
    (one) => one.patient_id === event.patient_id && one.status === "consulting" && one.called_by === userId,
  );
  if (!mine && path !== `/patients/${event.patient_id}`) return null;
  const patient = await client.fetchQuery(patientQuery(event.patient_id)).catch(() => null);
  return patient && { noteId: event.note_id, name: patient.name };
}
