import type { Note } from "../../api/types";
import { sectionTitle } from "../../i18n/section-title";
import { lineOf } from "./medicine";
import { labelRuns, problemGroups, type LabelRun } from "./problem-groups";

/** The words that the text needs beside those of the note. */
export interface PlainTextWords {
  draft: string;
  demo: string;
  diagnosis: string;
  medicines: string;
  followUp: string;
  signed: string;
  asNeeded: string;
}

/** The note as plain text, to be pasted into another system. A draft says so in its first line. */
export function plainText(note: Note, words: PlainTextWords): string {
  const { body } = note;
  const block = (title: string, lines: readonly string[]) => (lines.length > 0 ? [title, ...lines, ""] : []);
  const medicines = body.medications.map((medicine) => {
    const status = medicine.status === "reworded" ? "" : ` [${medicine.status}]`;
    return `- ${lineOf(medicine, words.asNeeded)}${status}`;
  });
  const lines = [
    ...(note.status === "draft" ? [words.draft, ""] : []),
    ...(note.demo_quality ? [words.demo, ""] : []),
    ...block(words.diagnosis, body.diagnosis ? [body.diagnosis] : []),
    ...body.sections.flatMap((section) =>
      block(
        sectionTitle(section.title, body.language),
        problemGroups(section, body.language).flatMap(({ heading, statements }) =>
          (heading ? [`${heading}:`] : []).concat(labelRuns(statements).flatMap(labelledLines)),
        ),
      ),
    ),
    ...block(words.medicines, medicines),
    ...block(words.followUp, body.follow_up ? [body.follow_up] : []),
    ...(note.signature ? [words.signed] : []),
  ];
  return `${lines.join("\n").trim()}\n`;
}

/** Before the first sentence its label; the next that it fits are set in under that one. */
function labelledLines({ label, statements }: LabelRun): string[] {
  if (!label) return statements.map(({ text }) => `- ${text}`);
  return statements.map(({ text }, index) => (index === 0 ? `- ${label}: ${text}` : `  - ${text}`));
}
