import type { Known, Summary } from "../../api/clinic-types";

/** One line of the rail: a text, or a measurement with its value and the note that it comes from. */
export interface RailLine {
  key: string;
  text: string;
  value?: string;
  at?: string;
  noteId?: string;
}

export interface RailSection {
  title: "allergies" | "problems" | "medicines" | "vitals";
  /** Whoever overlooks this does harm. */
  alarming?: true;
  lines: (summary: Summary) => RailLine[];
}

const known = (lines: readonly Known[]): RailLine[] =>
  lines.map(({ text, note_id }) => ({ key: text, text, ...(note_id ? { noteId: note_id } : {}) }));

/** The rail, from top to bottom. Another section is another object. */
export const SECTIONS: readonly RailSection[] = [
  { title: "allergies", alarming: true, lines: (summary) => known(summary.allergies) },
  { title: "problems", lines: (summary) => known(summary.problems) },
  { title: "medicines", lines: (summary) => known(summary.medicines) },
  {
    title: "vitals",
    lines: (summary) =>
      summary.vitals.map((vital) => ({
        key: `${vital.name}-${vital.note_id}-${vital.statement_id}`,
        text: vital.name,
        value: [vital.value, vital.unit].filter(Boolean).join(" "),
        at: vital.taken_at,
        noteId: vital.note_id,
      })),
  },
];
