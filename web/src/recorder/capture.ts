import { sha256 } from "./hash";
import { Meter } from "./meter";
import { bareType, openMicrophone, recordingFormat } from "./microphone";
import { Stopwatch } from "./stopwatch";
import type { RecorderStore } from "./store";

const SLICE_MS = 1_000;
/** Speech in Opus is transparent well below this; an hour takes 22 MB. */
const BITS_PER_SECOND = 48_000;

/** What can happen to a capture besides what a person does to it. */
export interface CaptureEvents {
  /** A slice is on the disk. */
  stored(): void;
  /** The device has no space left for the newest slices; they are held in memory and tried again. */
  storageFull(full: boolean): void;
  /** The microphone went silent (a phone call) or came back. */
  muted(muted: boolean): void;
  /** The microphone was taken away for good: unplugged, or the system took it. */
  ended(): void;
}

/** One microphone being written to this device, slice by slice. */
export class Capture {
  readonly contentType: string;
  readonly #stream: MediaStream;
  readonly #recorder: MediaRecorder;
  readonly #meter: Meter;
  readonly #watch = new Stopwatch();
  #writing: Promise<void> = Promise.resolve();
  #unsaved: { bytes: ArrayBuffer; elapsed: number }[] = [];
  #seq = 0;

  private constructor(stream: MediaStream) {
    const format = recordingFormat((type) => MediaRecorder.isTypeSupported(type));
    this.#stream = stream;
    this.#recorder = new MediaRecorder(stream, {
      ...(format ? { mimeType: format } : {}),
      audioBitsPerSecond: BITS_PER_SECOND,
    });
    this.#meter = new Meter(stream);
    this.contentType = bareType(this.#recorder.mimeType || format || "");
  }

  /** @throws MicrophoneError */
  static async open(): Promise<Capture> {
    return new Capture(await openMicrophone());
  }

  /** Start writing. `localId` is a recording that the store already has. */
  start(localId: string, store: RecorderStore, events: CaptureEvents): void {
    this.#recorder.addEventListener("dataavailable", ({ data }) => {
      const { elapsed } = this.#watch;
      this.#writing = this.#writing.then(() => this.#keep(localId, store, events, data, elapsed));
    });
    for (const track of this.#stream.getAudioTracks()) {
      track.addEventListener("ended", () => events.ended());
      track.addEventListener("mute", () => events.muted(true));
      track.addEventListener("unmute", () => events.muted(false));
    }
    this.#recorder.start(SLICE_MS);
    this.#watch.run();
  }

  get elapsed(): number {
    return this.#watch.elapsed;
  }

  get level(): number {
    return this.#recorder.state === "recording" ? this.#meter.read() : 0;
  }

  pause(): void {
    if (this.#recorder.state !== "recording") return;
    this.#recorder.pause();
    this.#watch.hold();
    this.flush();
  }

  resume(): void {
    if (this.#recorder.state !== "paused") return;
    this.#recorder.resume();
    this.#watch.run();
  }

  /** Hand over now what is not yet in a slice: the page may be about to go. */
  flush(): void {
    if (this.#recorder.state !== "inactive") this.#recorder.requestData();
  }

  /** Stop, and resolve when the last slice is stored. The answer is how many slices could not be. */
  async stop(): Promise<number> {
    this.#watch.hold();
    if (this.#recorder.state !== "inactive") {
      const stopped = new Promise((resolve) => {
        this.#recorder.addEventListener("stop", resolve, { once: true });
      });
      this.#recorder.stop();
      await stopped;
    }
    await this.#writing;
    this.close();
    return this.#unsaved.length;
  }

  /** Let go of the microphone. */
  close(): void {
    for (const track of this.#stream.getTracks()) track.stop();
    this.#meter.close();
  }

  async #keep(localId: string, store: RecorderStore, events: CaptureEvents, data: Blob, elapsed: number): Promise<void> {
    if (data.size > 0) this.#unsaved.push({ bytes: await data.arrayBuffer(), elapsed });
    const before = this.#seq;
    try {
      for (let next = this.#unsaved[0]; next; next = this.#unsaved[0]) {
        await store.addSlice({ localId, seq: this.#seq, bytes: next.bytes, sha256: await sha256(next.bytes) }, next.elapsed);
        this.#seq += 1;
        this.#unsaved.shift();
      }
      events.storageFull(false);
    } catch {
      // Full, or the browser closed its store: the order is kept, and the next slice tries again.
      events.storageFull(true);
    }
    if (this.#seq > before) events.stored();
  }
}
