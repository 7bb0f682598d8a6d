import type { Note } from "../../api/types";

/** A note in a line or two: what was found, else its first sentences. */
export function firstWords(note: Pick<Note, "body">): string {
  if (note.body.diagnosis) return note.body.diagnosis;
  const sentences = note.body.sections.flatMap((section) => section.statements.map((statement) => statement.text));
  return sentences.slice(0, 2).join(" ");
}
