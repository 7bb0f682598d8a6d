import { createContext, useContext } from "react";
import type { Source, Turn } from "../../api/types";

/** What a sentence needs to show where it comes from. */
export interface Evidence {
  turns: readonly Turn[];
  /** The key of the sentence or medicine that is chosen. */
  chosen: string | null;
  /** Light up and play what it rests on. */
  choose: (key: string, sources: readonly Source[]) => void;
  /** Null when the sound has been deleted. */
  playFrom: ((seconds: number) => void) | null;
}

export const EvidenceContext = createContext<Evidence>({ turns: [], chosen: null, choose: () => {}, playFrom: null });

export function useEvidence(): Evidence {
  return useContext(EvidenceContext);
}

/** The turns that sources name, in order, each once. */
export function turnIdsOf(sources: readonly Source[]): string[] {
  return [...new Set(sources.flatMap((source) => (source.kind === "turns" ? source.turn_ids : [])))];
}

/** The name of the person who wrote it, when a person did. */
export function clinicianOf(sources: readonly Source[]): string | null {
  for (const source of sources) if (source.kind === "clinician") return source.name;
  return null;
}
