import type { Section, Statement } from "../../api/types";

/** What stands over the sentences that are for no problem, in the language of the note. */
const OTHER: Record<string, string> = { en: "Other", hi: "अन्य" };

export interface ProblemGroup {
  /** The problem, or the word for the rest; empty where a section is not read problem by problem. */
  name: string;
  /** Empty where none is shown: the first sentence names the problem itself. */
  heading: string;
  statements: Statement[];
}

/** The word for what is for no problem. */
export function otherProblems(language: string): string {
  return OTHER[language] ?? "Other";
}

/** The sentences of a section problem by problem, in reading order, as the server's plain text groups them. */
export function problemGroups(section: Section, language: string): ProblemGroup[] {
  const none = { name: "", heading: "", statements: section.statements };
  if (!section.statements.some((statement) => statement.problem)) return [none];
  const runs: Statement[][] = [];
  for (const statement of section.statements) {
    const last = runs.at(-1);
    if (last?.[0]?.problem === statement.problem) last.push(statement);
    else runs.push([statement]);
  }
  return runs.map((statements) => {
    const { problem = "", term = "" } = statements[0] ?? {};
    const name = problem || otherProblems(language);
    return { name, heading: problem !== "" && term === problem ? "" : name, statements };
  });
}

/** Whether anything stands under a problem: a list of impressions alone needs no headings. */
export function isGrouped(groups: readonly ProblemGroup[]): boolean {
  return groups.some((group) => group.name && (group.heading || group.statements.length > 1));
}
