import type { Problem } from "../api/problem";

export type SignInTrouble = "wrong" | "wrongCode" | "waits" | "other";

/** What is the matter with a sign-in, and when one may try again (milliseconds from now, 0 for at once). */
export function troubleOf(problem: Problem, hadCode: boolean): { kind: SignInTrouble; waitMs: number } {
  if (problem.status === 401) return { kind: hadCode ? "wrongCode" : "wrong", waitMs: 0 };
  const wait = problem.extras.retry_after;
  if (problem.status === 429 && typeof wait === "number") return { kind: "waits", waitMs: wait * 1_000 };
  return { kind: "other", waitMs: 0 };
}
