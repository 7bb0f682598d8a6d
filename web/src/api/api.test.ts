import { describe, expect, it } from "vitest";
import { asProblem, noAnswer, problemFrom } from "./problem";
import { withProgress } from "./steps";
import type { Recording } from "./types";

describe("a problem", () => {
  it("keeps the remedy and the members that the server added", () => {
    const problem = problemFrom(409, { code: "undecided", detail: "Decide.", remedy: "Keep it.", blocking: ["S1"] });
    expect([problem.code, problem.message, problem.remedy, problem.extras.blocking]).toEqual(["undecided", "Decide.", "Keep it.", ["S1"]]);
  });

  it("says something also when the body says nothing", () => {
    expect(problemFrom(502, null).message).toBe("The server answered 502.");
  });

  it.each([
    [noAnswer(), true],
    [problemFrom(503, {}), true],
    [problemFrom(507, {}), true],
    [problemFrom(429, {}), true],
    [problemFrom(409, {}), false],
    [problemFrom(404, {}), false],
  ])("%s: trying again helps: %s", (problem, passing) => {
    expect(problem.passing).toBe(passing);
  });

  it("takes a failed fetch for a missing network", () => {
    expect(asProblem(new TypeError("Failed to fetch")).offline).toBe(true);
  });
});

it("moves a step on, finishes those before it and shows those still to come", () => {
  const step = (name: string) => ({ name, fraction: 0, started_at: null, finished_at: null });
  const recording = { steps: ["received", "decoded"].map(step) } as unknown as Recording;
  const after = withProgress(recording, { seq: 1, event: "recording_progress", step: "transcribed", fraction: 0.4 });
  expect(after.steps.map(({ name, fraction }) => `${name} ${fraction}`)).toEqual([
    "received 1",
    "decoded 1",
    "transcribed 0.4",
    "speakers 0",
    "note 0",
    "stored 0",
  ]);
  expect(after.steps[1]?.finished_at).toBeTruthy();
  expect(after.steps[2]?.started_at).toBeTruthy();
  expect(after.steps[2]?.finished_at).toBeNull();
});
