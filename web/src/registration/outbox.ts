import type { NewPatient } from "../api/clinic-types";
import { asProblem, type Problem } from "../api/problem";
import { deliver, type Outcome, type Registry } from "./delivery";
import type { LocalRegistration, RegistrationStore, Visit } from "./store";

/** What is on this device and not on the server. A new object on every change, so that React can compare. */
export interface OutboxState {
  /** Oldest first. */
  waiting: readonly LocalRegistration[];
  /** Why they wait, when the server could not be asked. */
  problem: Problem | null;
}

const LOCK = "auscult-registrations";
const AGAIN_MS = 10_000;

/** Takes registrations, keeps them on this device, and sends each once, when there is a network. */
export class Outbox {
  readonly #store: RegistrationStore;
  readonly #registry: Registry;
  readonly #listeners = new Set<() => void>();
  #state: OutboxState = { waiting: [], problem: null };
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: RegistrationStore, registry: Registry) {
    this.#store = store;
    this.#registry = registry;
  }

  /** Pick up what is left on this device, and go on trying. Call once. */
  begin(): void {
    addEventListener("online", () => void this.sendAll());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void this.sendAll());
    setInterval(() => this.#state.waiting.length > 0 && void this.sendAll(), AGAIN_MS);
    void this.sendAll();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  get state(): OutboxState {
    return this.#state;
  }

  /**
   * Keep a registration on this device, and send it if the server can be reached.
   *
   * What the server refuses is not kept: whoever typed it is there to correct it.
   */
  async add(patient: NewPatient, visit: Visit | null): Promise<Outcome> {
    const registration: LocalRegistration = {
      localId: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`,
      writtenAt: Date.now(),
      patient,
      visit,
      patientId: null,
      refusal: null,
    };
    return this.#alone(async () => {
      await this.#store.put(registration);
      const outcome = await deliver(registration, this.#store, this.#registry);
      if (outcome.kind === "refused") await this.#store.remove(registration.localId);
      await this.#show(outcome.kind === "kept" ? outcome.problem : null);
      return outcome;
    });
  }

  /** Send what waits, oldest first, until the server cannot be reached. */
  async sendAll(): Promise<void> {
    try {
      await this.#alone(async () => {
        let problem: Problem | null = null;
        for (const registration of await this.#store.list()) {
          if (registration.refusal) continue;
          const outcome = await deliver(registration, this.#store, this.#registry);
          if (outcome.kind !== "kept") continue;
          ({ problem } = outcome);
          break;
        }
        await this.#show(problem);
      });
    } catch (error) {
      // The browser refuses storage (private mode): adding says so.
      this.#set({ problem: asProblem(error) });
    }
  }

  /** Forget a registration that the server refused, or that is not wanted any more; the answer is what it held. */
  async takeBack(localId: string): Promise<LocalRegistration | undefined> {
    return this.#alone(async () => {
      const found = (await this.#store.list()).find((one) => one.localId === localId);
      await this.#store.remove(localId);
      await this.#show(this.#state.problem);
      return found;
    });
  }

  /** One at a time in this browser, so that nothing is sent twice; without locks (plain http), in this tab. */
  async #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    if (globalThis.navigator?.locks) return navigator.locks.request(LOCK, work);
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #show(problem: Problem | null): Promise<void> {
    this.#set({ waiting: await this.#store.list(), problem });
  }

  #set(changes: Partial<OutboxState>): void {
    this.#state = { ...this.#state, ...changes };
    for (const listener of this.#listeners) listener();
  }
}
