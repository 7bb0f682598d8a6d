import type { ServerEvent } from "./events";
import type { Recording, Step } from "./types";

/** The steps from sound to note, in their order. */
export const STEP_NAMES = ["received", "decoded", "transcribed", "speakers", "note", "stored"] as const;

/** Every step: the server tells only of those that have begun, and a reader wants to see what is still to come. */
export function everyStep(begun: readonly Step[]): Step[] {
  return STEP_NAMES.map(
    (name) => begun.find((step) => step.name === name) ?? { name, fraction: 0, started_at: null, finished_at: null },
  );
}

/** The recording with one step's progress moved on; steps before it are finished. */
export function withProgress(recording: Recording, event: ServerEvent): Recording {
  const every = everyStep(recording.steps);
  const at = every.findIndex((step) => step.name === event.step);
  if (at < 0) return recording;
  const now = new Date().toISOString();
  const finished = (step: Step): Step => ({ ...step, fraction: 1, finished_at: step.finished_at ?? now });
  const moved = (step: Step): Step => {
    const fraction = event.fraction ?? step.fraction;
    return { ...step, fraction, started_at: step.started_at ?? now, finished_at: fraction >= 1 ? now : null };
  };
  const place = (step: Step, index: number): Step => (index === at ? moved(step) : index < at ? finished(step) : step);
  return { ...recording, steps: every.map(place) };
}
