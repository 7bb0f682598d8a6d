import { expect, it } from "vitest";
import type { Patient, QueueEntry, Summary } from "../../api/clinic-types";
import type { Note } from "../../api/types";
import { yearsSince } from "../../parts/use-person";
import { minutesSince, mineOf } from "../queue/mine";
import { firstWords } from "./first-words";
import { canBeCompared, changesOf, EMPTY, errorsOf, formOf, fromDraft, isEmpty, patientOf, today } from "./form";
import { SECTIONS } from "./rail-sections";

const MERE = {
  ...EMPTY,
  name: "  Mere Tane ",
  age: "42",
  nhi: "ZZZ0016",
  aadhaar: "1234",
  allergies: "Penicillin: rash\n\n  Sulfa ",
};

it("sends a line each, trimmed, numbers under their system, and a birth date before an age", () => {
  expect(patientOf(MERE)).toMatchObject({
    name: "Mere Tane",
    age: 42,
    birth_date: null,
    allergies: ["Penicillin: rash", "Sulfa"],
    identifiers: [
      { system: "nhi", value: "ZZZ0016" },
      { system: "aadhaar_last4", value: "1234" },
    ],
  });
  expect(patientOf({ ...MERE, birthDate: "1984-03-12" })).toMatchObject({ age: null, birth_date: "1984-03-12" });
});

it.each([
  [{ name: " " }, { name: "nameNeeded" }],
  [{ name: "Mere", birthDate: "2026-11-23" }, { birthDate: "notYetBorn" }],
  [{ name: "Mere", birthDate: "2026-11-22" }, {}],
  [{ name: "Mere", age: "131" }, { age: "ageWrong" }],
  [{ name: "Mere", age: "4.5" }, { age: "ageWrong" }],
  [{ name: "Mere", aadhaar: "12345678" }, { aadhaar: "fourDigits" }],
])("finds what is wrong with %o before it is sent", (typed, wrong) => {
  expect(errorsOf({ ...EMPTY, ...typed }, "2026-11-22")).toEqual(wrong);
});

it("knows today by the reader's calendar", () => {
  expect(today(new Date(2026, 0, 5, 0, 30))).toBe("2026-01-05");
});

it("corrects only what was changed, and keeps numbers that it has no field for", () => {
  const patient = {
    ...patientOf({ ...MERE, age: "" }),
    birth_date: "1984-07-01",
    identifiers: [
      { system: "nhi", value: "ZZZ0016" },
      { system: "https://example.org/mrn", value: "77" },
    ],
  } as unknown as Patient;
  const form = formOf(patient);
  expect(changesOf(patient, form)).toEqual({});
  expect(changesOf(patient, { ...form, medicines: "Salbutamol" })).toEqual({ medicines: ["Salbutamol"] });
  expect(changesOf(patient, { ...form, birthDate: "", age: "40" })).toEqual({ age: 40 });
  expect(changesOf(patient, { ...form, birthDate: "" })).toEqual({ birth_date: null });
  expect(changesOf(patient, { ...form, nhi: "" }).identifiers).toEqual([{ system: "https://example.org/mrn", value: "77" }]);
});

it("looks for the same person once there is more than a name", () => {
  expect(canBeCompared({ ...EMPTY, name: "Mere Tane" })).toBe(false);
  expect(canBeCompared({ ...EMPTY, name: "Mere Tane", phone: "021 555 0142" })).toBe(true);
});

it("takes up a form that was kept, whatever an older version left out", () => {
  expect(fromDraft(undefined)).toBeNull();
  expect(fromDraft({ name: "Mere", age: 42, colour: "red" })).toEqual({ ...EMPTY, name: "Mere" });
  expect(isEmpty(EMPTY)).toBe(true);
});

it("puts allergies first in the rail, and links what a note said to the note", () => {
  const known = { text: "Penicillin", note_id: null, statement_id: null, at: null };
  const summary = {
    allergies: [known],
    problems: [{ ...known, text: "Asthma", note_id: "NOTE_1" }],
    medicines: [],
    vitals: [{ name: "Weight", value: "71", unit: "kg", taken_at: "2026-11-20T09:00:00Z", note_id: "NOTE_1", statement_id: "S1" }],
  } as unknown as Summary;
  const lines = SECTIONS.map((section) => section.lines(summary));
  expect(SECTIONS.map((section) => section.title)).toEqual(["allergies", "problems", "medicines", "vitals"]);
  expect(SECTIONS.filter((section) => section.alarming).map((section) => section.title)).toEqual(["allergies"]);
  expect(lines).toMatchObject([
    [{ text: "Penicillin" }],
    [{ text: "Asthma", noteId: "NOTE_1" }],
    [],
    [{ text: "Weight", value: "71 kg", noteId: "NOTE_1" }],
  ]);
});

it("counts years of life by the calendar", () => {
  expect(yearsSince("1984-03-12", new Date(2026, 2, 11))).toBe(41);
  expect(yearsSince("1984-03-12", new Date(2026, 2, 12))).toBe(42);
  expect(yearsSince("2024-02-29", new Date(2026, 1, 28))).toBe(1);
});

it("knows whom the reader sees, the last one first", () => {
  const entry = (id: string, by: string, status: string, at: string) =>
    ({ entry_id: id, called_by: by, status, started_at: at }) as QueueEntry;
  const entries = [
    entry("A", "USR_1", "consulting", "2026-11-22T09:00:00Z"),
    entry("B", "USR_2", "consulting", "2026-11-22T09:01:00Z"),
    entry("C", "USR_1", "called", "2026-11-22T09:02:00Z"),
    entry("D", "USR_1", "consulting", "2026-11-22T09:03:00Z"),
  ];
  expect(mineOf(entries, "USR_1").map((one) => one.entry_id)).toEqual(["D", "A"]);
  expect(mineOf(entries, undefined)).toEqual([]);
  expect(minutesSince("2026-11-22T09:00:00Z", Date.parse("2026-11-22T09:05:59Z"))).toBe(5);
  expect(minutesSince("2026-11-22T09:00:00Z", Date.parse("2026-11-22T08:59:00Z"))).toBe(0);
});

it("shows a note by its diagnosis, else by its first sentences", () => {
  const sections = [{ statements: [{ text: "Cough for three days." }, { text: "No fever." }, { text: "Eats well." }] }];
  expect(firstWords({ body: { diagnosis: "Viral cough.", sections } } as unknown as Note)).toBe("Viral cough.");
  expect(firstWords({ body: { diagnosis: "", sections } } as unknown as Note)).toBe("Cough for three days. No fever.");
});
