import { expect, it } from "vitest";
import openapi from "../../../../openapi.json";
import en from "../../../i18n/en.json";
import { bodyOf, EVERYTHING, namelessOf, outcomeOf, whatOf, whereOf } from "./wording";

const entry = { kind: "records", act: "", action: "R", entities: [] } as const;

it.each([
  ["signing a note", { act: "POST /notes/{note_id}/sign", action: "U" }, { act: "signNote" }],
  ["a refused reading of people", { kind: "refusal", act: "GET /people" }, { act: "people" }],
  ["an export on the command line", { kind: "export", act: "command line", action: "E" }, { act: "export" }],
  [
    "a job of the clinic's own",
    { action: "C", entities: [{ type: "note", id: "NTE_1" }, { type: "patient", id: "PAT_1" }, { type: "note", id: "NTE_2" }] },
    { action: "create", things: ["note", "patient"] },
  ],
  ["a route that is newer than the app", { act: "POST /new", action: "E" }, { action: "execute", things: [] }],
  ["a name that every object has", { act: "constructor", entities: [{ type: "toString", id: "x" }] }, { action: "read", things: [] }],
] as const)("says what it was: %s", (_, told, what) => {
  expect(whatOf({ ...entry, ...told })).toEqual(what);
});

it("has words for each act of the API that has a name", () => {
  const routes = Object.entries(openapi.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const named = routes.map((act) => whatOf({ ...entry, act })).filter((what) => "act" in what);
  for (const what of named) expect(en.admin.audit.acts).toHaveProperty("act" in what ? what.act : "");
  expect(named.length).toBeGreaterThan(50);
});

it.each([
  ["a nurse", { user_id: "USR_1", user_name: "Mere Tane", role: "nurse" }, null],
  ["a stranger", { user_id: "anonymous", user_name: "", role: null }, "unknown"],
  ["a patient", { user_id: "PAT_1", user_name: "", role: "patient" }, "patient"],
  ["a screen", { user_id: "USR_2", user_name: "", role: "display" }, "display"],
  ["the clinic's own work", { user_id: "system", user_name: "auscult", role: "system" }, "system"],
] as const)("says who it was: %s", (_, told, who) => {
  expect(namelessOf(told)).toBe(who);
});

it("says from where it came, and how it ended", () => {
  expect(["", "local", "127.0.0.1", "::1", "192.168.1.20"].map(whereOf)).toEqual([null, "commandLine", "here", "here", "there"]);
  const ended = [
    { kind: "records", outcome: "0" },
    { kind: "refusal", outcome: "4" },
    { kind: "records", outcome: "4" },
    { kind: "records", outcome: "8" },
  ] as const;
  expect(ended.map(outcomeOf)).toEqual(["done", "refused", "failed", "failed"]);
});

it("asks for whole days of the reader's own clock", () => {
  expect(bodyOf(EVERYTHING)).toEqual({ patient_id: null, user_id: null, actions: [], since: null, until: null });
  const asked = bodyOf({ ...EVERYTHING, action: "R", from: "2026-03-31", to: "2026-03-31" });
  expect(asked.actions).toEqual(["R"]);
  expect(asked.since).toBe(new Date(2026, 2, 31).toISOString());
  expect(asked.until).toBe(new Date(2026, 3, 1).toISOString());
});
