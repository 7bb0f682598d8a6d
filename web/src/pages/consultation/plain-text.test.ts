import { expect, it } from "vitest";
import type { Note, Statement } from "../../api/types";
import { plainText } from "./plain-text";

const statement = (text: string, problem: string, label = ""): Statement => ({
  id: text,
  text,
  section: "Plan",
  sources: [],
  polarity: "affirmed",
  supported: true,
  flags: [],
  term: text === `${problem}.` ? problem : "",
  problem,
  label,
});

const WORDS = { draft: "Draft", demo: "", diagnosis: "", medicines: "", followUp: "", signed: "", asNeeded: "" };

/** The lines of a note with these sentences in its plan. */
function copied(language: string, ...statements: Statement[]): string[] {
  const body = { sections: [{ title: "Plan", statements }], medications: [], diagnosis: "", follow_up: "", language };
  return plainText({ status: "signed", body } as unknown as Note, WORDS).trim().split("\n");
}

it("says a label once, before the first of the sentences that it fits", () => {
  const lines = copied(
    "en",
    statement("Review in a week.", "", "Follow-up"),
    statement("Gout.", "Gout"),
    statement("Start colchicine.", "Gout", "Medical treatment"),
    statement("Rest the foot.", "Gout", "Medical treatment"),
  );
  expect(lines).toEqual([
    "Plan",
    "- Gout.",
    "- Medical treatment: Start colchicine.",
    "  - Rest the foot.",
    "Other:",
    "- Follow-up: Review in a week.",
  ]);
});

it("has the headings of a note in Hindi in Hindi", () => {
  expect(copied("hi", statement("6 हफ़्ते बाद", "", "दोबारा दिखाना"))).toEqual(["योजना", "- दोबारा दिखाना: 6 हफ़्ते बाद"]);
});
