import type { Step } from "./types";

/** One event of the server's stream. Ids and numbers only: whoever wants more fetches it. */
export interface ServerEvent {
  seq: number;
  event: string;
  recording_id?: string;
  note_id?: string;
  patient_id?: string;
  entry_id?: string;
  step?: Step["name"];
  fraction?: number;
  status?: string;
  size?: string;
}

/** Event names that the server sends; an `EventSource` hears only those it is told of. */
const NAMES = [
  "recording_progress",
  "soap_ready",
  "recording_failed",
  "note_changed",
  "note_signed",
  "audio_deleted",
  "model_progress",
  "queue_status",
  "registered",
  "patient_changed",
  "history_updated",
] as const;

/** Told to every listener when events may have been missed: whoever shows server state fetches it again. */
export const MISSED: ServerEvent = { seq: 0, event: "missed" };

/**
 * Told to every listener when the server does not give the stream, or not any more: whoever shows who is signed in asks
 * again. An `EventSource` does not say why it was refused.
 */
export const REFUSED: ServerEvent = { seq: 0, event: "refused" };

type Listener = (event: ServerEvent) => void;

const CHANNEL = "auscult-events";
const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 30_000;

/**
 * Listen to the server's events. Call the answer to stop.
 *
 * HTTP/1.1 allows about six connections to one origin, so all tabs share one stream: whoever holds the lock reads it
 * and tells the others. When that tab closes, the next one takes over.
 */
export function listen(listener: Listener): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  const stopping = new AbortController();
  channel.addEventListener("message", (message: MessageEvent<ServerEvent>) => listener(message.data));
  const tell = (event: ServerEvent) => {
    listener(event);
    channel.postMessage(event);
  };
  // Web Locks need a secure context; without one (plain http on a local network) each tab reads its own stream.
  const lead = () => readStream(tell, stopping.signal);
  const leading = navigator.locks ? navigator.locks.request(CHANNEL, { signal: stopping.signal }, lead) : lead();
  leading.catch(() => undefined); // Aborted while waiting for the lock: this tab no longer listens.
  return () => {
    stopping.abort();
    channel.close();
  };
}

function readStream(tell: Listener, stopping: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let source: EventSource | undefined;
    let retryMs = FIRST_RETRY_MS;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wasOpen = false;

    const open = () => {
      source = new EventSource("/events");
      source.addEventListener("open", () => {
        retryMs = FIRST_RETRY_MS;
        // The browser's own reconnection replays what was missed; a new source or a new leader has no memory.
        if (!wasOpen) tell(MISSED);
        wasOpen = true;
      });
      source.addEventListener("error", () => {
        if (source?.readyState !== EventSource.CLOSED) return; // it reconnects by itself
        wasOpen = false;
        timer = setTimeout(open, retryMs); // not for ever: whoever finds out that nobody is signed in stops listening
        tell(REFUSED);
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      });
      for (const name of NAMES) {
        source.addEventListener(name, (message: MessageEvent<string>) => tell(JSON.parse(message.data) as ServerEvent));
      }
    };

    open();
    stopping.addEventListener("abort", () => {
      clearTimeout(timer);
      source?.close();
      resolve();
    });
  });
}
