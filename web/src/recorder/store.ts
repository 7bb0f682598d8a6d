import type { ConsentGiver, SpokenLanguage } from "../api/types";

/** What a person decided about a recording that is still on this device. */
export type LocalPhase =
  /** Being captured, or it was when the page died: see `isBeingCaptured`. */
  | "recording"
  /** Captured to its end; all slices are here. */
  | "stopped"
  /** The patient took the consent back: the sound is gone, the server has still to be told. */
  | "withdrawn"
  /** A person threw it away: likewise. */
  | "discarded";

/** A refusal by the server that trying again will not change. */
export interface Refusal {
  code: string;
  reason: string;
  remedy: string;
}

/** A recording on this device. It has a name here before the server knows of it, so that it can start offline. */
export interface LocalRecording {
  localId: string;
  serverId: string | null;
  /** Milliseconds since 1970, as everywhere in this folder. */
  startedAt: number;
  contentType: string;
  language: SpokenLanguage;
  givenBy: ConsentGiver;
  /** Whose visit it is, when that was known at the start. */
  patientId?: string | null;
  phase: LocalPhase;
  /** How many slices are stored; they are numbered from 0. */
  count: number;
  /** How many of them, from the first, the server has confirmed. */
  uploaded: number;
  /** Milliseconds of talking, pauses left out, measured by the clock. */
  elapsed: number;
  refusal: Refusal | null;
}

export interface LocalSlice {
  localId: string;
  seq: number;
  bytes: ArrayBuffer;
  sha256: string;
}

const NAME = "auscult-recorder";
const RECORDINGS = "recordings";
const SLICES = "slices";

/** The device's own store of recordings that the server has not confirmed yet. */
export class RecorderStore {
  readonly #opening: Promise<IDBDatabase>;

  constructor(factory: IDBFactory = indexedDB) {
    this.#opening = new Promise((resolve, reject) => {
      const request = factory.open(NAME, 1);
      request.addEventListener("upgradeneeded", () => {
        request.result.createObjectStore(RECORDINGS, { keyPath: "localId" });
        request.result.createObjectStore(SLICES, { keyPath: ["localId", "seq"] });
      });
      request.addEventListener("success", () => resolve(request.result));
      request.addEventListener("error", () => reject(request.error));
    });
    // The failure is reported by whoever uses the store, not as an unhandled rejection at construction.
    this.#opening.catch(() => undefined);
  }

  async list(): Promise<LocalRecording[]> {
    const all = await this.#read<LocalRecording[]>(RECORDINGS, (store) => store.getAll());
    return all.toSorted((a, b) => b.startedAt - a.startedAt);
  }

  async get(localId: string): Promise<LocalRecording | undefined> {
    return this.#read(RECORDINGS, (store) => store.get(localId));
  }

  async add(recording: LocalRecording): Promise<void> {
    await this.#write([RECORDINGS], (transaction) => transaction.objectStore(RECORDINGS).add(recording));
  }

  /** Change some fields. Nothing happens when the recording has been removed meanwhile. */
  async change(localId: string, fields: Partial<Omit<LocalRecording, "localId">>): Promise<void> {
    await this.#write([RECORDINGS], (transaction) => changeIn(transaction, localId, fields));
  }

  /**
   * Store the next slice and count it, in one transaction that is on the disk when this resolves.
   *
   * @throws DOMException `QuotaExceededError` when the device is full; nothing is changed then.
   */
  async addSlice(slice: LocalSlice, elapsed: number): Promise<void> {
    await this.#write([RECORDINGS, SLICES], (transaction) => {
      transaction.objectStore(SLICES).put(slice);
      changeIn(transaction, slice.localId, { count: slice.seq + 1, elapsed });
    });
  }

  async slice(localId: string, seq: number): Promise<LocalSlice | undefined> {
    return this.#read(SLICES, (store) => store.get([localId, seq]));
  }

  /** All slices of one recording, in order. */
  async slices(localId: string): Promise<LocalSlice[]> {
    return this.#read(SLICES, (store) => store.getAll(everySliceOf(localId)));
  }

  /** Remove the sound at once and keep only what the server has to be told. */
  async removeSound(localId: string, phase: "withdrawn" | "discarded"): Promise<void> {
    await this.#write([RECORDINGS, SLICES], (transaction) => {
      transaction.objectStore(SLICES).delete(everySliceOf(localId));
      changeIn(transaction, localId, { phase, count: 0, uploaded: 0, refusal: null });
    });
  }

  /** Forget a recording and its slices. */
  async remove(localId: string): Promise<void> {
    await this.#write([RECORDINGS, SLICES], (transaction) => {
      transaction.objectStore(RECORDINGS).delete(localId);
      transaction.objectStore(SLICES).delete(everySliceOf(localId));
    });
  }

  async #read<Result>(name: string, ask: (store: IDBObjectStore) => IDBRequest): Promise<Result> {
    const database = await this.#opening;
    return new Promise((resolve, reject) => {
      const request = ask(database.transaction(name, "readonly").objectStore(name));
      request.addEventListener("success", () => resolve(request.result as Result));
      request.addEventListener("error", () => reject(request.error));
    });
  }

  async #write(names: string[], act: (transaction: IDBTransaction) => void): Promise<void> {
    const database = await this.#opening;
    return new Promise((resolve, reject) => {
      // Strict: "complete" comes after the disk has it, so that a killed browser loses nothing that was counted.
      const transaction = database.transaction(names, "readwrite", { durability: "strict" });
      transaction.addEventListener("complete", () => resolve());
      transaction.addEventListener("abort", () => reject(transaction.error));
      act(transaction);
    });
  }
}

const everySliceOf = (localId: string): IDBKeyRange => IDBKeyRange.bound([localId, 0], [localId, Infinity]);

function changeIn(transaction: IDBTransaction, localId: string, fields: Partial<LocalRecording>): void {
  const store = transaction.objectStore(RECORDINGS);
  const reading: IDBRequest<LocalRecording | undefined> = store.get(localId);
  reading.addEventListener("success", () => {
    if (reading.result) store.put({ ...reading.result, ...fields });
  });
}
