import { expect, it } from "vitest";
import type { Note } from "../api/types";
import { turnIdsOf } from "./consultation/evidence";
import { nameMatches } from "./consultation/names";
import { shownOffers } from "./consultation/offers";
import { plainText } from "./consultation/plain-text";
import { soundType } from "./recorder/upload";

it.each([
  ["visit.m4a", "", "audio/mp4"],
  ["visit.MP3", "audio/mp3", "audio/mpeg"],
  ["visit", "audio/webm;codecs=opus", "audio/webm"],
  ["letter.pdf", "application/pdf", undefined],
  ["notes.txt", "text/plain", undefined],
])("takes %s (%s) as %s", (name, type, wanted) => {
  expect(soundType({ name, type })).toBe(wanted);
});

it("finds a patient by the beginnings of names, whatever the case and accents", () => {
  expect(nameMatches("Renée O’Hara", "ren")).toBe(true);
  expect(nameMatches("Ram Kumar", "kum ram")).toBe(true);
  expect(nameMatches("Ram Kumar", "umar")).toBe(false);
  expect(nameMatches("राम कुमार", "कु")).toBe(true);
  expect(nameMatches("Ram", "")).toBe(true);
});

it("names each source turn once, in order", () => {
  const turns = (...turn_ids: string[]) => ({ kind: "turns" as const, turn_ids, transcript_version: 1 });
  expect(turnIdsOf([turns("T2", "T3"), turns("T3", "T9")])).toEqual(["T2", "T3", "T9"]);
});

it("copies a draft as a draft", () => {
  const note = {
    status: "draft",
    demo_quality: true,
    signature: null,
    body: {
      diagnosis: "Acute pharyngitis.",
      follow_up: "",
      sections: [
        { title: "Plan", statements: [{ text: "Rest." }] },
        { title: "Objective", statements: [] },
      ],
      medications: [
        { name: "Azithromycin", strength: "500 mg", frequency: "", status: "started" },
        { name: "salbutamol", dose: "2 puffs", form: "inhaler", frequency: "every 4 hours", prn: true, status: "started" },
      ],
    },
  } as unknown as Note;
  const words = { draft: "Draft – not signed", demo: "Demo", diagnosis: "Diagnosis", medicines: "Medicines", followUp: "Follow-up", signed: "", asNeeded: "as needed" };
  expect(plainText(note, words)).toBe(
    "Draft – not signed\n\nDemo\n\nDiagnosis\nAcute pharyngitis.\n\nPlan\n- Rest.\n\nMedicines\n- Azithromycin 500 mg [started]\n- salbutamol inhaler 2 puffs every 4 hours as needed [started]\n",
  );
});

it("shows a few of many offers, all on request, and hides none for the sake of a single one", () => {
  const offers = ["a", "b", "c", "d", "e"];
  expect(shownOffers(offers, false)).toEqual(["a", "b", "c"]);
  expect(shownOffers(offers, true)).toEqual(offers);
  expect(shownOffers(offers.slice(1), false)).toHaveLength(4);
});

it("copies nothing that was only offered", () => {
  const note = {
    status: "signed",
    body: { diagnosis: "", follow_up: "", sections: [], medications: [], omitted: [{ text: "Denies fever." }] },
  } as unknown as Note;
  const words = { draft: "", demo: "", diagnosis: "", medicines: "", followUp: "", signed: "", asNeeded: "" };
  expect(plainText(note, words)).not.toContain("fever");
});
