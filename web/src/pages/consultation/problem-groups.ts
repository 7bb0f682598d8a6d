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

/** Sentences in a row that stand under one label, such as a body system or the kind of plan. */
export interface LabelRun {
  /** Stays the same while sentences before and in it come and go. */
  key: string;
  /** Empty for sentences that stand without one. */
  label: string;
  statements: Statement[];
}

/** The word for what is for no problem. */
export function otherProblems(language: string): string {
  return OTHER[language] ?? "Other";
}

/**
 * The sentences of a section problem by problem, in reading order, as the server's plain text groups them: what is for
 * none stands at the end, also what an impression that was taken out has left where it stood.
 */
export function problemGroups(section: Section, language: string): ProblemGroup[] {
  const none = { name: "", heading: "", statements: section.statements };
  if (!section.statements.some((statement) => statement.problem)) return [none];
  const inOrder = section.statements.toSorted((one, other) => Number(!one.problem) - Number(!other.problem));
  return runs(inOrder, (statement) => statement.problem).map((statements) => {
    const { problem = "", term = "" } = statements[0] ?? {};
    const name = problem || otherProblems(language);
    return { name, heading: problem !== "" && term === problem ? "" : name, statements };
  });
}

/** Whether anything stands under a problem: a list of impressions alone needs no headings. */
export function isGrouped(groups: readonly ProblemGroup[]): boolean {
  return groups.some((group) => group.name && (group.heading || group.statements.length > 1));
}

/** The sentences of a group label by label, in reading order. */
export function labelRuns(statements: readonly Statement[]): LabelRun[] {
  const seen = new Map<string, number>();
  return runs(statements, (statement) => statement.label).map((run) => {
    const label = run[0]?.label ?? "";
    const count = seen.get(label) ?? 0;
    seen.set(label, count + 1);
    return { key: `${label} ${count}`, label, statements: run };
  });
}

function runs(statements: readonly Statement[], of: (statement: Statement) => string): Statement[][] {
  const found: Statement[][] = [];
  for (const statement of statements) {
    const last = found.at(-1);
    if (last?.[0] && of(last[0]) === of(statement)) last.push(statement);
    else found.push([statement]);
  }
  return found;
}
