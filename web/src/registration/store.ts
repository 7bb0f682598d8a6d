import type { NewPatient, Urgency } from "../api/clinic-types";
import type { Refusal } from "../recorder/store";

/** A registration on this device. It has a name here before the server knows of it, so that it can be made offline. */
export interface LocalRegistration {
  /** Sent as the Idempotency-Key: sent twice, it registers once. */
  localId: string;
  /** Milliseconds since 1970. */
  writtenAt: number;
  patient: NewPatient;
  /** Why they came, when they are to be put into the queue as well. */
  visit: Visit | null;
  /** What the server called the patient; the queue may still be to come. */
  patientId: string | null;
  refusal: Refusal | null;
}

export interface Visit {
  reason: string;
  urgency: Urgency;
}

const NAME = "auscult-registrations";
const WAITING = "waiting";
const DRAFTS = "drafts";

/** Registrations in the browser's own store: those on their way, and the one that is being typed. */
export class RegistrationStore {
  readonly #opening: Promise<IDBDatabase>;

  constructor(factory: IDBFactory = indexedDB) {
    this.#opening = new Promise((resolve, reject) => {
      const request = factory.open(NAME, 1);
      request.addEventListener("upgradeneeded", () => {
        request.result.createObjectStore(WAITING, { keyPath: "localId" });
        request.result.createObjectStore(DRAFTS);
      });
      request.addEventListener("success", () => resolve(request.result));
      request.addEventListener("error", () => reject(request.error));
    });
    // The failure is reported by whoever uses the store, not as an unhandled rejection at construction.
    this.#opening.catch(() => undefined);
  }

  /** Those that are not on the server yet, oldest first. */
  async list(): Promise<LocalRegistration[]> {
    const all = await this.#ask<LocalRegistration[]>(WAITING, "readonly", (store) => store.getAll());
    return all.toSorted((a, b) => a.writtenAt - b.writtenAt);
  }

  async put(registration: LocalRegistration): Promise<void> {
    await this.#ask(WAITING, "readwrite", (store) => store.put(registration));
  }

  async remove(localId: string): Promise<void> {
    await this.#ask(WAITING, "readwrite", (store) => store.delete(localId));
  }

  /** What was typed into a form and not sent, whatever its shape was. */
  async draft(): Promise<unknown> {
    return this.#ask(DRAFTS, "readonly", (store) => store.get("form"));
  }

  async keepDraft(form: unknown): Promise<void> {
    await this.#ask(DRAFTS, "readwrite", (store) => store.put(form, "form"));
  }

  async forgetDraft(): Promise<void> {
    await this.#ask(DRAFTS, "readwrite", (store) => store.delete("form"));
  }

  /** Resolves when it is on the disk: a killed browser loses nothing that was accepted. */
  async #ask<Result>(
    name: string,
    mode: IDBTransactionMode,
    act: (store: IDBObjectStore) => IDBRequest,
  ): Promise<Result> {
    const database = await this.#opening;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction([name], mode, { durability: "strict" });
      const request = act(transaction.objectStore(name));
      transaction.addEventListener("complete", () => resolve(request.result as Result));
      transaction.addEventListener("abort", () => reject(transaction.error));
    });
  }
}
