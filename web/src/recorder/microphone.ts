/** Why there is no sound, in the terms of what a person can do about it. */
export type MicrophoneProblem = "insecure" | "unsupported" | "denied" | "none" | "busy" | "failed";

/** A microphone that could not be opened. */
export class MicrophoneError extends Error {
  readonly problem: MicrophoneProblem;

  constructor(problem: MicrophoneProblem) {
    super(problem);
    this.name = "MicrophoneError";
    this.problem = problem;
  }
}

/**
 * Open the microphone.
 *
 * Nothing plays while people talk, so there is no echo to cancel, and a noise filter takes the far voice for noise;
 * the gain control stays on because the patient sits further away.
 *
 * @throws MicrophoneError
 */
export async function openMicrophone(): Promise<MediaStream> {
  if (!globalThis.isSecureContext) throw new MicrophoneError("insecure");
  if (!navigator.mediaDevices || typeof MediaRecorder === "undefined") throw new MicrophoneError("unsupported");
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: true },
    });
  } catch (error) {
    throw new MicrophoneError(problemNamed(error instanceof DOMException ? error.name : ""));
  }
}

/** The names are those of https://w3c.github.io/mediacapture-main/#dom-mediadevices-getusermedia. */
export function problemNamed(name: string): MicrophoneProblem {
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "none";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "failed";
}

/** Opus in WebM where there is, AAC in MP4 on Safari and iOS. */
const CONTAINERS = ["audio/webm;codecs=opus", "audio/webm", "audio/mp4;codecs=mp4a.40.2", "audio/mp4", "audio/ogg;codecs=opus"];

/** The best recording format that this browser writes; undefined leaves the choice to it. */
export function recordingFormat(supported: (type: string) => boolean): string | undefined {
  return CONTAINERS.find((type) => supported(type));
}

/** The content type without its parameters. */
export function bareType(type: string): string {
  return type.split(";")[0]?.trim().toLowerCase() || "audio/webm";
}
