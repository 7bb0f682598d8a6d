import * as calls from "../api/calls";
import { OUR_HEADERS } from "../api/client";
import { noAnswer, problemFrom } from "../api/problem";
import type { Receiver } from "./delivery";

/** A slice that is not answered in this time is sent again: a phone that changed networks never hears of the old one. */
const SLICE_TIMEOUT_MS = 30_000;

/** The server, as the recorder needs it. */
export const server: Receiver = {
  create: (recording) =>
    calls.createRecording({
      contentType: recording.contentType,
      live: true,
      language: recording.language,
      title: "",
      givenBy: recording.givenBy,
      patientId: recording.patientId ?? null,
      idempotencyKey: recording.localId,
    }),
  have: (serverId) => calls.getSlices(serverId),
  put: async (serverId, slice) => {
    let response: Response;
    try {
      response = await fetch(`/recordings/${encodeURIComponent(serverId)}/chunks/${slice.seq}`, {
        method: "PUT",
        headers: { ...OUR_HEADERS, "Content-Type": "application/octet-stream", "X-Content-SHA256": slice.sha256 },
        body: slice.bytes,
        signal: AbortSignal.timeout(SLICE_TIMEOUT_MS),
      });
    } catch {
      throw noAnswer();
    }
    if (!response.ok) throw problemFrom(response.status, await response.json().catch(() => null));
  },
  finalise: async (serverId, count, sha256) => {
    await calls.finalise(serverId, count, sha256);
  },
  withdraw: async (serverId) => {
    await calls.withdrawConsent(serverId);
  },
  discard: async (serverId) => {
    await calls.discardRecording(serverId);
  },
};
