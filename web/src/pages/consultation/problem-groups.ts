import type { Section, Statement } from "../../api/types";

/** What stands over the sentences that are for no problem, in the language of the note. */
const OTHER: Record<string, string> = { en: "Other", hi: "अन्य" };

export interface ProblemGroup {
  /** Empty where none is shown: the first sentence names the problem itself. */
  heading: string;
  statements: Statement[];
}

/** The sentences of a section problem by problem, in reading order, as the server's plain text groups them. */
export function problemGroups(section: Section, language: string): ProblemGroup[] {
  if (!section.statements.some((statement) => statement.problem)) return [{ heading: "", statements: section.statements }];
  const runs: Statement[][] = [];
  for (const statement of section.statements) {
    const last = runs.at(-1);
    if (last?.[0]?.problem === statement.problem) last.push(statement);
    else runs.push([statement]);
  }
  return runs.map((statements) => {
    const { problem = "", term = "" } = statements[0] ?? {};
    const named = problem !== "" && term === problem;
    return { heading: named ? "" : problem || (OTHER[language] ?? "Other"), statements };
  });
}
