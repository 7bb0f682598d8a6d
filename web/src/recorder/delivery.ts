import { Problem } from "../api/problem";
import { sha256OfSlices } from "./hash";
import type { LocalRecording, LocalSlice, RecorderStore } from "./store";

/** What delivering needs of the server. Each call throws `Problem`. */
export interface Receiver {
  create(recording: LocalRecording): Promise<{ recording_id: string }>;
  have(serverId: string): Promise<{ have: number[]; finalised: boolean }>;
  put(serverId: string, slice: LocalSlice): Promise<void>;
  finalise(serverId: string, count: number, sha256: string): Promise<void>;
  withdraw(serverId: string): Promise<void>;
  discard(serverId: string): Promise<void>;
}

/** How delivering waits: for the next slice, or before another try. Both reject when it should stop. */
export interface Pace {
  /** Resolves when the recording may have changed on this device. */
  changed(): Promise<void>;
  /** Resolves when it is time for try number `attempt` (from 1). */
  retry(attempt: number, problem: Problem): Promise<void>;
}

/** How a delivery ended: `delivered` to that id on the server, `removed` with nothing left to do, or `refused`. */
export type Outcome = { kind: "delivered"; serverId: string } | { kind: "removed" } | { kind: "refused" };

/**
 * Bring one recording from this device to the server: create it, send its slices in order, finalise, and only then
 * delete it here.
 *
 * Every call may be repeated harmlessly, so whatever interrupts this, running it again goes on where it was. The caller
 * sees to it that it runs once at a time for each recording.
 */
export async function deliver(
  localId: string,
  store: RecorderStore,
  receiver: Receiver,
  pace: Pace,
  progress: (recording: LocalRecording) => void,
): Promise<Outcome> {
  let attempt = 0;
  let compared = false;
  for (;;) {
    const recording = await store.get(localId);
    if (!recording) return { kind: "removed" };
    progress(recording);
    const removed = recording.phase === "withdrawn" || recording.phase === "discarded";
    if (recording.refusal && !removed) return { kind: "refused" };
    try {
      if (removed || (recording.phase === "stopped" && recording.count === 0)) {
        await tellRemoval(recording, receiver);
        await store.remove(localId);
        return { kind: "removed" };
      }
      if (!recording.serverId) {
        const created = await receiver.create(recording);
        await store.change(localId, { serverId: created.recording_id });
        compared = true; // It was made a moment ago: there is nothing to compare.
      } else if (!compared) {
        const answer = await receiver.have(recording.serverId);
        if (answer.finalised) return await finished(recording.serverId, localId, store);
        await store.change(localId, { uploaded: firstMissing(answer.have) });
        compared = true;
      } else if (recording.uploaded < recording.count) {
        const slice = await store.slice(localId, recording.uploaded);
        // Taken back between the two looks: the next round tells the server.
        if (!slice && (await store.get(localId))?.phase !== recording.phase) continue;
        if (!slice) throw new Problem(410, "slice_lost", "A part of the recording is no longer on this device.", "");
        await receiver.put(recording.serverId, slice);
        await store.change(localId, { uploaded: recording.uploaded + 1 });
      } else if (recording.phase === "stopped") {
        const hashes = (await store.slices(localId)).map((slice) => slice.sha256);
        await receiver.finalise(recording.serverId, recording.count, await sha256OfSlices(hashes));
        return await finished(recording.serverId, localId, store);
      } else {
        await pace.changed();
      }
      attempt = 0;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (missingSlices(error).length > 0) {
        await store.change(localId, { uploaded: Math.min(...missingSlices(error)) });
      } else if (!error.passing && error.status !== 401) {
        await store.change(localId, { refusal: { code: error.code, reason: error.message, remedy: error.remedy } });
        continue;
      }
      attempt += 1;
      // Whatever went wrong, ask the server what it has before going on: it may have been restored or restarted.
      compared = false;
      await pace.retry(attempt, error);
    }
  }
}

async function finished(serverId: string, localId: string, store: RecorderStore): Promise<Outcome> {
  await store.remove(localId);
  return { kind: "delivered", serverId };
}

/** Tell the server that the sound is gone, if it knows of the recording; that it has already gone there is as well. */
async function tellRemoval(recording: LocalRecording, receiver: Receiver): Promise<void> {
  if (!recording.serverId) return;
  try {
    await (recording.phase === "withdrawn" ? receiver.withdraw(recording.serverId) : receiver.discard(recording.serverId));
  } catch (error) {
    if (!(error instanceof Problem) || (error.status !== 404 && error.status !== 410)) throw error;
  }
}

/** The first number that is not in the list: everything before it has arrived. */
export function firstMissing(have: readonly number[]): number {
  const arrived = new Set(have);
  let seq = 0;
  while (arrived.has(seq)) seq += 1;
  return seq;
}

function missingSlices(problem: Problem): number[] {
  const { missing } = problem.extras;
  return Array.isArray(missing) ? missing.filter((seq): seq is number => typeof seq === "number") : [];
}
