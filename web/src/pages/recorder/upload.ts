import { createRecording } from "../../api/calls";
import { noAnswer, problemFrom } from "../../api/problem";
import type { ConsentGiver, SpokenLanguage } from "../../api/types";

/** Endings whose content type browsers do not know, or name differently. */
const TYPES: Readonly<Record<string, string>> = {
  aac: "audio/aac",
  flac: "audio/flac",
  m4a: "audio/mp4",
  mp3: "audio/mpeg",
  mp4: "audio/mp4",
  ogg: "audio/ogg",
  oga: "audio/ogg",
  opus: "audio/ogg",
  wav: "audio/wav",
  webm: "audio/webm",
};

/** The content type to upload a file as; undefined when it is not sound. */
export function soundType(file: { name: string; type: string }): string | undefined {
  const ending = file.name.split(".").pop()?.toLowerCase() ?? "";
  return TYPES[ending] ?? (file.type.startsWith("audio/") ? file.type.split(";")[0] : undefined);
}

interface Upload {
  file: File;
  contentType: string;
  language: SpokenLanguage;
  givenBy: ConsentGiver | null;
  patientId: string | null;
  idempotencyKey: string;
  signal: AbortSignal;
  progress: (fraction: number) => void;
}

/**
 * Make a recording of a file and send it. The answer is the recording's id.
 *
 * @throws Problem
 */
export async function uploadFile(upload: Upload): Promise<string> {
  const recording = await createRecording({
    contentType: upload.contentType,
    live: false,
    language: upload.language,
    title: upload.file.name.replace(/\.[^.]*$/, "").slice(0, 120),
    givenBy: upload.givenBy,
    patientId: upload.patientId,
    idempotencyKey: upload.idempotencyKey,
  });
  if (recording.upload_url) await put(recording.upload_url, upload);
  return recording.recording_id;
}

/** `fetch` cannot tell how much it has sent; `XMLHttpRequest` can. */
function put(address: string, { file, contentType, signal, progress }: Upload): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => progress(event.loaded / Math.max(1, event.total)));
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(problemFrom(request.status, parsed(request.responseText)));
    });
    request.addEventListener("error", () => reject(noAnswer()));
    request.addEventListener("abort", () => reject(new DOMException("Cancelled", "AbortError")));
    signal.addEventListener("abort", () => request.abort());
    request.open("PUT", address);
    // The address is signed for this content type.
    request.setRequestHeader("Content-Type", contentType);
    request.send(file);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
