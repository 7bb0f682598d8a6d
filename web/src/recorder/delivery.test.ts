import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { noAnswer, problemFrom, Problem } from "../api/problem";
import { deliver, firstMissing, type Pace, type Receiver } from "./delivery";
import { sha256, sha256OfSlices } from "./hash";
import { RecorderStore, type LocalRecording } from "./store";

vi.stubGlobal("IDBKeyRange", IDBKeyRange);

/** A server in memory that keeps the contract: idempotent slices, finalise only when all are there. */
class Server implements Receiver {
  recordings = new Map<string, { slices: Map<number, string>; finalised: boolean; removed: string }>();
  created = 0;
  /** Problems to answer with before working again, by call. */
  failures: Partial<Record<keyof Receiver, Problem[]>> = {};

  #fail(call: keyof Receiver): void {
    const problem = this.failures[call]?.shift();
    if (problem) throw problem;
  }

  async create(recording: LocalRecording) {
    const id = `REC_${recording.localId}`;
    if (!this.recordings.has(id)) {
      this.created += 1;
      this.recordings.set(id, { slices: new Map(), finalised: false, removed: "" });
    }
    this.#fail("create"); // the answer may be lost after the recording was made
    return { recording_id: id };
  }

  async have(id: string) {
    this.#fail("have");
    const found = this.#find(id);
    return { have: [...found.slices.keys()], finalised: found.finalised };
  }

  async put(id: string, slice: { seq: number; sha256: string }) {
    const found = this.#find(id);
    if (found.finalised) throw problemFrom(409, { code: "conflict", detail: "finalised" });
    const before = found.slices.get(slice.seq);
    if (before && before !== slice.sha256) throw problemFrom(409, { code: "conflict", detail: "other bytes" });
    found.slices.set(slice.seq, slice.sha256);
    this.#fail("put");
  }

  async finalise(id: string, count: number, hash: string) {
    const found = this.#find(id);
    this.#fail("finalise");
    const missing = Array.from({ length: count }, (_, seq) => seq).filter((seq) => !found.slices.has(seq));
    if (missing.length > 0) throw problemFrom(409, { code: "slices_missing", missing });
    const hashes = Array.from({ length: count }, (_, seq) => found.slices.get(seq) ?? "");
    if ((await sha256OfSlices(hashes)) !== hash) throw problemFrom(422, { code: "invalid" });
    found.finalised = true;
  }

  async withdraw(id: string) {
    this.#fail("withdraw");
    this.#find(id).removed = "withdrawn";
  }

  async discard(id: string) {
    this.#find(id).removed = "discarded";
  }

  #find(id: string) {
    const found = this.recordings.get(id);
    if (!found) throw problemFrom(404, { code: "not_found" });
    return found;
  }
}

const AT_ONCE: Pace = {
  changed: () => Promise.reject(new Error("nothing to wait for")),
  retry: () => Promise.resolve(),
};

let store: RecorderStore;
let server: Server;

beforeEach(() => {
  store = new RecorderStore(new IDBFactory());
  server = new Server();
});

async function recorded(slices: number, changes: Partial<LocalRecording> = {}): Promise<string> {
  const localId = crypto.randomUUID();
  await store.add({
    localId,
    serverId: null,
    startedAt: 0,
    contentType: "audio/webm",
    language: "auto",
    givenBy: "patient",
    phase: "recording",
    count: 0,
    uploaded: 0,
    elapsed: 0,
    refusal: null,
  });
  for (let seq = 0; seq < slices; seq += 1) {
    const bytes = new TextEncoder().encode(`slice ${seq}`).buffer;
    await store.addSlice({ localId, seq, bytes, sha256: await sha256(bytes) }, (seq + 1) * 1_000);
  }
  await store.change(localId, { phase: "stopped", ...changes });
  return localId;
}

const run = (localId: string, pace: Pace = AT_ONCE) => deliver(localId, store, server, pace, () => {});

describe("delivering a recording", () => {
  it("sends every slice, finalises, and only then forgets it on this device", async () => {
    const localId = await recorded(5);
    const outcome = await run(localId);
    expect(outcome).toEqual({ kind: "delivered", serverId: `REC_${localId}` });
    expect(server.recordings.get(`REC_${localId}`)?.finalised).toBe(true);
    expect(await store.get(localId)).toBeUndefined();
    expect(await store.slices(localId)).toEqual([]);
  });

  it("makes one recording when the answer to the first create was lost", async () => {
    const localId = await recorded(1);
    server.failures.create = [noAnswer(), noAnswer()];
    await run(localId);
    expect(server.created).toBe(1);
  });

  it("goes on after the network was lost in the middle, sending nothing twice with other bytes", async () => {
    const localId = await recorded(6);
    server.failures.put = [noAnswer(), noAnswer(), problemFrom(503, {})];
    server.failures.have = [noAnswer()];
    expect((await run(localId)).kind).toBe("delivered");
    expect(server.recordings.get(`REC_${localId}`)?.slices.size).toBe(6);
  });

  it("keeps everything while the server does not confirm the end", async () => {
    const localId = await recorded(3);
    server.failures.finalise = [noAnswer()];
    const kept: number[] = [];
    await run(localId, { ...AT_ONCE, retry: async () => void kept.push((await store.slices(localId)).length) });
    expect(kept).toEqual([3]);
  });

  it("sends again what the server says is missing", async () => {
    const localId = await recorded(4, { uploaded: 4 });
    await store.change(localId, { serverId: `REC_${localId}` });
    await server.create({ localId } as LocalRecording);
    expect((await run(localId)).kind).toBe("delivered");
  });

  it("is done when the server had finalised it before the page died", async () => {
    const localId = await recorded(2);
    server.failures.finalise = [];
    await server.create({ localId } as LocalRecording);
    const there = server.recordings.get(`REC_${localId}`);
    if (there) there.finalised = true;
    await store.change(localId, { serverId: `REC_${localId}` });
    expect((await run(localId)).kind).toBe("delivered");
    expect(await store.list()).toEqual([]);
  });

  it("keeps the sound and says why when the server refuses it for good", async () => {
    const localId = await recorded(2);
    server.failures.put = [problemFrom(413, { code: "too_large", detail: "Too large.", remedy: "Split it." })];
    expect((await run(localId)).kind).toBe("refused");
    expect((await store.get(localId))?.refusal).toEqual({ code: "too_large", reason: "Too large.", remedy: "Split it." });
    expect(await store.slices(localId)).toHaveLength(2);
  });

  it("waits for the sign-in instead of giving up", async () => {
    const localId = await recorded(1);
    server.failures.put = [problemFrom(401, { code: "unauthenticated" })];
    const waited: number[] = [];
    await run(localId, { ...AT_ONCE, retry: async (_attempt, problem) => void waited.push(problem.status) });
    expect(waited).toEqual([401]);
  });

  it("tells the server when consent was withdrawn, also when it is offline at first", async () => {
    const localId = await recorded(2, { serverId: null });
    await store.change(localId, { serverId: (await server.create({ localId } as LocalRecording)).recording_id });
    await store.removeSound(localId, "withdrawn");
    expect(await store.slices(localId)).toEqual([]);
    server.failures.withdraw = [noAnswer()];
    expect((await run(localId)).kind).toBe("removed");
    expect(server.recordings.get(`REC_${localId}`)?.removed).toBe("withdrawn");
    expect(await store.list()).toEqual([]);
  });

  it("tells the server also when consent is withdrawn while a slice is on its way", async () => {
    const localId = await recorded(3, { phase: "recording" });
    const arriving = server.put.bind(server);
    server.put = async (id, slice) => {
      await arriving(id, slice);
      await store.removeSound(localId, "withdrawn");
      throw problemFrom(409, { code: "conflict" });
    };
    expect((await run(localId)).kind).toBe("removed");
    expect(server.recordings.get(`REC_${localId}`)?.removed).toBe("withdrawn");
    expect(await store.list()).toEqual([]);
  });

  it("makes nothing on the server of a recording without sound", async () => {
    const localId = await recorded(0);
    expect((await run(localId)).kind).toBe("removed");
    expect(server.created).toBe(0);
  });

  it("sends slices while the recording still runs, and the end when it comes", async () => {
    const localId = await recorded(1, { phase: "recording" });
    const stop: Pace = { ...AT_ONCE, changed: () => store.change(localId, { phase: "stopped" }) };
    expect((await run(localId, stop)).kind).toBe("delivered");
  });
});

describe("the device's store", () => {
  it("counts a slice in the same transaction that stores it", async () => {
    const localId = await recorded(3, { phase: "recording" });
    expect((await store.get(localId))?.count).toBe(3);
    expect((await store.get(localId))?.elapsed).toBe(3_000);
    expect((await store.slice(localId, 2))?.seq).toBe(2);
  });

  it("keeps recordings apart", async () => {
    const [one, two] = [await recorded(2), await recorded(3)];
    await store.remove(one);
    expect(await store.slices(two)).toHaveLength(3);
  });
});

it("finds the first slice that has not arrived", () => {
  expect(firstMissing([])).toBe(0);
  expect(firstMissing([0, 1, 2])).toBe(3);
  expect(firstMissing([0, 2, 3])).toBe(1);
});
