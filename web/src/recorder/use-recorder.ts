import { useSyncExternalStore } from "react";
import { RecorderSession, type RecorderState } from "./session";

/** The recorder of this tab. */
export const recorder = new RecorderSession();

/** What the recorder is doing, kept current. */
export function useRecorder(): RecorderState {
  return useSyncExternalStore(recorder.subscribe, () => recorder.state);
}
