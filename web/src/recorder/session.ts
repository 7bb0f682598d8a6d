import { asProblem, type Problem } from "../api/problem";
import type { ConsentGiver, SpokenLanguage } from "../api/types";
import { Capture } from "./capture";
import { deliver, type Pace } from "./delivery";
import { deliverOnce, holdCapture, isBeingCaptured } from "./locks";
import { MicrophoneError, type MicrophoneProblem } from "./microphone";
import { server } from "./receiver";
import { RecorderStore, type LocalRecording } from "./store";
import { WakeLock } from "./wake-lock";

/** What the recorder page shows. A new object on every change, so that React can compare. */
export interface RecorderState {
  phase: "idle" | "starting" | "recording" | "paused" | "stopping";
  localId: string | null;
  /** When the button was pressed: milliseconds since 1970. */
  startedAt: number;
  problem: MicrophoneProblem | "storage" | null;
  /** Nothing has been heard for a while. */
  quiet: boolean;
  muted: boolean;
  storageFull: boolean;
  /** The microphone was taken away and the recording was closed. */
  cutShort: boolean;
  /** Recordings on this device that are being sent, newest first. */
  sending: readonly Sending[];
  /** Recordings that a killed browser or a closed tab left unfinished. */
  interrupted: readonly LocalRecording[];
  /** The recording that was stopped last in this tab and has arrived at the server; its id there. */
  arrived: string | null;
}

/** One recording on its way to the server. */
export interface Sending {
  recording: LocalRecording;
  /** Why it waits, when it does. */
  waiting: Problem | null;
}

const IDLE: RecorderState = {
  phase: "idle",
  localId: null,
  startedAt: 0,
  problem: null,
  quiet: false,
  muted: false,
  storageFull: false,
  cutShort: false,
  sending: [],
  interrupted: [],
  arrived: null,
};

const LISTEN_MS = 500;
/** After this long without a sound, say so: the wrong microphone is noticed in the first minute, not after the visit. */
const QUIET_AFTER_MS = 8_000;
const QUIET_LEVEL = 0.04;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;
const RESCAN_MS = 15_000;

/** The recorder of this tab. It lives outside React, so that going to another page does not stop a recording. */
export class RecorderSession {
  readonly #store = new RecorderStore();
  readonly #wakeLock = new WakeLock();
  readonly #listeners = new Set<() => void>();
  readonly #signals = new Map<string, Signal>();
  readonly #delivering = new Map<string, Sending>();
  #state = IDLE;
  #capture: Capture | null = null;
  #release: () => void = () => {};
  #heardAt = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Watch the page and pick up what is left on this device. Call once. */
  begin(): void {
    addEventListener("online", () => this.#wakeAll());
    addEventListener("pagehide", () => this.#capture?.flush());
    addEventListener("beforeunload", (event) => {
      // The slices are safe, but what is said after leaving is not recorded: let the browser ask.
      if (this.#capture) event.preventDefault();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.#capture?.flush();
      else void this.#rescan();
    });
    setInterval(() => void this.#rescan(), RESCAN_MS);
    void this.#rescan();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  get state(): RecorderState {
    return this.#state;
  }

  /** Milliseconds recorded so far, without pauses. */
  get elapsed(): number {
    return this.#capture?.elapsed ?? 0;
  }

  /** Loudness now, from 0 to 1. */
  get level(): number {
    return this.#capture?.level ?? 0;
  }

  /** Start recording. Works without a network. Problems are in the state. */
  async start(givenBy: ConsentGiver, language: SpokenLanguage, patientId: string | null = null): Promise<void> {
    if (this.#state.phase !== "idle") return;
    this.#set({ phase: "starting", problem: null, cutShort: false, arrived: null, quiet: false, muted: false });
    let capture: Capture | null = null;
    try {
      capture = await Capture.open();
      const recording = newRecording(givenBy, language, capture.contentType, patientId);
      this.#release = await holdCapture(recording.localId);
      await this.#store.add(recording);
      this.#capture = capture;
      capture.start(recording.localId, this.#store, {
        stored: () => this.#signals.get(recording.localId)?.give(),
        storageFull: (storageFull) => this.#set({ storageFull }),
        muted: (muted) => this.#set({ muted }),
        ended: () => {
          this.#set({ cutShort: true });
          void this.stop();
        },
      });
      this.#heardAt = Date.now();
      this.#timer = setInterval(() => this.#listen(), LISTEN_MS);
      void this.#wakeLock.hold();
      // Ask the browser to keep our storage when the device runs low; a refusal changes nothing.
      void navigator.storage?.persist?.();
      this.#set({ phase: "recording", localId: recording.localId, startedAt: recording.startedAt });
      this.#deliver(recording);
    } catch (error) {
      capture?.close();
      this.#release();
      this.#capture = null;
      this.#set({ phase: "idle", problem: error instanceof MicrophoneError ? error.problem : "storage" });
    }
  }

  pause(): void {
    if (this.#state.phase !== "recording") return;
    this.#capture?.pause();
    this.#set({ phase: "paused", quiet: false });
  }

  resume(): void {
    if (this.#state.phase !== "paused") return;
    this.#capture?.resume();
    this.#heardAt = Date.now();
    this.#set({ phase: "recording" });
  }

  /** Stop, and let what was recorded go to the server. */
  async stop(): Promise<void> {
    await this.#end("stopped");
  }

  /** The patient took the consent back: stop, remove the sound here, and have the server remove it. */
  async withdraw(): Promise<void> {
    await this.#end("withdrawn");
  }

  /** Go on with a recording that was interrupted or refused. */
  async finish(recording: LocalRecording): Promise<void> {
    await this.#store.change(recording.localId, { phase: "stopped", refusal: null });
    await this.#rescan();
  }

  /** Remove a recording from this device, and from the server if it got there. */
  async discard(recording: LocalRecording): Promise<void> {
    await this.#store.removeSound(recording.localId, "discarded");
    this.#signals.get(recording.localId)?.give();
    await this.#rescan();
  }

  /** The sound of a recording on this device as one file, to be saved by hand when the server refuses it. */
  async sound(recording: LocalRecording): Promise<Blob> {
    const slices = await this.#store.slices(recording.localId);
    return new Blob(
      slices.map((slice) => slice.bytes),
      { type: recording.contentType },
    );
  }

  dismiss(): void {
    this.#set({ problem: null, cutShort: false });
  }

  /** The page has shown what arrived. */
  seen(): void {
    this.#set({ arrived: null });
  }

  async #end(phase: "stopped" | "withdrawn"): Promise<void> {
    const { localId } = this.#state;
    const capture = this.#capture;
    if (!capture || !localId || this.#state.phase === "stopping") return;
    this.#set({ phase: "stopping" });
    clearInterval(this.#timer);
    await capture.stop();
    this.#capture = null;
    void this.#wakeLock.release();
    if (phase === "withdrawn") await this.#store.removeSound(localId, phase);
    else await this.#store.change(localId, { phase, elapsed: capture.elapsed });
    this.#release();
    this.#set({ phase: "idle", localId: null, quiet: false, muted: false, storageFull: false });
    this.#signals.get(localId)?.give();
    await this.#rescan();
  }

  #listen(): void {
    const now = Date.now();
    if (this.#state.phase !== "recording" || this.level > QUIET_LEVEL) this.#heardAt = now;
    const quiet = now - this.#heardAt > QUIET_AFTER_MS;
    if (quiet !== this.#state.quiet) this.#set({ quiet });
  }

  /** Look at what is on this device: send what is complete, offer what was interrupted. */
  async #rescan(): Promise<void> {
    if (!navigator.locks) return; // Not a secure context: there is no microphone either.
    let recordings: LocalRecording[];
    try {
      recordings = await this.#store.list();
    } catch {
      return; // The browser refuses storage (private mode): starting says so.
    }
    const interrupted: LocalRecording[] = [];
    for (const recording of recordings) {
      if (recording.localId === this.#state.localId) continue;
      if (recording.phase !== "recording") this.#deliver(recording);
      else if (!(await isBeingCaptured(recording.localId))) interrupted.push(recording);
    }
    if (interrupted.length > 0 || this.#state.interrupted.length > 0) this.#set({ interrupted });
  }

  #deliver(recording: LocalRecording): void {
    const { localId } = recording;
    if (this.#signals.has(localId)) return;
    const signal = new Signal();
    this.#signals.set(localId, signal);
    const show = (sending: Sending | null) => {
      if (sending) this.#delivering.set(localId, sending);
      else this.#delivering.delete(localId);
      this.#set({ sending: [...this.#delivering.values()].toSorted((a, b) => b.recording.startedAt - a.recording.startedAt) });
    };
    let latest = recording;
    const pace: Pace = {
      changed: () => signal.taken(),
      retry: async (attempt, problem) => {
        show({ recording: latest, waiting: problem });
        const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1));
        // Half of it is chance, so that a whole clinic does not come back in the same second.
        await Promise.race([after(wait * (0.5 + Math.random() / 2)), signal.taken()]);
      },
    };
    const work = async () => {
      const outcome = await deliver(localId, this.#store, server, pace, (now) => {
        latest = now;
        show({ recording: now, waiting: null });
      });
      if (outcome.kind !== "refused") show(null);
      if (outcome.kind === "delivered") this.#set({ arrived: outcome.serverId });
    };
    deliverOnce(localId, work)
      .catch((error: unknown) => show({ recording: latest, waiting: asProblem(error) }))
      .finally(() => this.#signals.delete(localId));
  }

  #wakeAll(): void {
    for (const signal of this.#signals.values()) signal.give();
    void this.#rescan();
  }

  #set(changes: Partial<RecorderState>): void {
    this.#state = { ...this.#state, ...changes };
    for (const listener of this.#listeners) listener();
  }
}

/** Something changed. A signal that is given while nobody waits is not lost. */
class Signal {
  #given = false;
  #wake: () => void = () => {};

  give(): void {
    this.#given = true;
    this.#wake();
  }

  async taken(): Promise<void> {
    if (!this.#given) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#given = false;
  }
}

const after = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

function newRecording(
  givenBy: ConsentGiver,
  language: SpokenLanguage,
  contentType: string,
  patientId: string | null,
): LocalRecording {
  return {
    localId: crypto.randomUUID(),
    serverId: null,
    startedAt: Date.now(),
    contentType,
    language,
    givenBy,
    patientId,
    phase: "recording",
    count: 0,
    uploaded: 0,
    elapsed: 0,
    refusal: null,
  };
}
