import { describe, expect, it } from "vitest";
import type { Section, Statement } from "../../api/types";
import { isGrouped, labelRuns, problemGroups } from "./problem-groups";

const statement = (id: string, problem: string, term = "", label = ""): Statement => ({
  id,
  text: `${id}.`,
  section: "Plan",
  sources: [],
  polarity: "affirmed",
  supported: true,
  flags: [],
  term,
  problem,
  label,
});
const section = (...statements: Statement[]): Section => ({ title: "Plan", statements });

describe("the sentences of a section", () => {
  it("stand under the problem that they are for, and under Other where there is none", () => {
    const found = problemGroups(section(statement("a", "Gout"), statement("b", "Gout"), statement("c", "")), "en");
    expect(found.map((group) => [group.heading, group.statements.map((one) => one.id)])).toEqual([
      ["Gout", ["a", "b"]],
      ["Other", ["c"]],
    ]);
  });

  it("that are for no problem stand at the end under one heading, wherever they were", () => {
    const found = problemGroups(section(statement("a", ""), statement("b", "Gout"), statement("c", "")), "en");
    expect(found.map((group) => [group.heading, group.statements.map((one) => one.id)])).toEqual([
      ["Gout", ["b"]],
      ["Other", ["a", "c"]],
    ]);
  });

  it("have no heading over a sentence that names the problem itself", () => {
    expect(problemGroups(section(statement("a", "Gout", "Gout"), statement("b", "Gout")), "en")).toHaveLength(1);
    expect(problemGroups(section(statement("a", "Gout", "Gout")), "en")[0]?.heading).toBe("");
  });

  it("stay one list where no problem is told, as in notes that were kept from before", () => {
    expect(problemGroups(section(statement("a", ""), statement("b", "")), "en")).toHaveLength(1);
  });

  it("are headed in the language of the note", () => {
    expect(problemGroups(section(statement("a", "मधुमेह"), statement("b", "")), "hi")[1]?.heading).toBe("अन्य");
  });

  it("need no headings where each is a problem and nothing stands under it", () => {
    const impressions = problemGroups(section(statement("a", "Gout", "Gout"), statement("b", "Asthma", "Asthma")), "en");
    expect(isGrouped(impressions)).toBe(false);
    expect(isGrouped(problemGroups(section(statement("a", "")), "en"))).toBe(false);
    expect(isGrouped(problemGroups(section(statement("a", "Gout", "Gout"), statement("b", "Gout")), "en"))).toBe(true);
    expect(isGrouped(problemGroups(section(statement("a", "Gout")), "en"))).toBe(true);
  });
});

describe("the sentences of a group", () => {
  const group = [
    statement("a", "Gout", "Gout"),
    statement("b", "Gout", "", "Treatment"),
    statement("c", "Gout", "", "Treatment"),
    statement("d", "Gout", "", "Tests"),
  ];
  const told = (statements: readonly Statement[]) =>
    labelRuns(statements).map(({ label, statements: run }) => [label, run.map((one) => one.id)]);

  it("stand together under their label, and before it those that have none", () => {
    expect(told(group)).toEqual([
      ["", ["a"]],
      ["Treatment", ["b", "c"]],
      ["Tests", ["d"]],
    ]);
  });

  it("keep their label, and their place on the page, when the first of them is removed", () => {
    const rest = group.filter((one) => one.id !== "b");
    expect(told(rest)[1]).toEqual(["Treatment", ["c"]]);
    expect(labelRuns(rest).map((run) => run.key)).toEqual(labelRuns(group).map((run) => run.key));
    const keys = labelRuns([...group, statement("e", "Gout", "", "Treatment")]).map((run) => run.key);
    expect(new Set(keys).size).toBe(4);
  });
});
