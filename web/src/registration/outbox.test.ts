import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, it, vi } from "vitest";
import type { NewPatient, QueueEntry } from "../api/clinic-types";
import { noAnswer, problemFrom } from "../api/problem";
import type { Registry } from "./delivery";
import { Outbox } from "./outbox";
import { RegistrationStore } from "./store";

const MERE = { name: "Mere Tane", sex: "female" } as NewPatient;
const VISIT = { reason: "cough", urgency: "routine" } as const;

/** A server that registers once for each key, as ours does; it can be away, lose an answer, or refuse. */
class Desk implements Registry {
  readonly patients = new Map<string, string>();
  queued: string[] = [];
  away = false;
  loseAnswer = false;
  refuse = false;

  async register(_patient: NewPatient, key: string) {
    if (this.away) throw noAnswer();
    if (this.refuse) throw problemFrom(422, { code: "invalid", detail: "The birth date is in the future." });
    if (!this.patients.has(key)) this.patients.set(key, `PAT_${this.patients.size + 1}`);
    if (this.loseAnswer) throw noAnswer();
    return { patient_id: this.patients.get(key) ?? "" };
  }

  async queue(patientId: string) {
    if (this.away) throw noAnswer();
    if (this.queued.includes(patientId)) throw problemFrom(409, { detail: "In the queue already.", entry_id: "QUE_1" });
    this.queued.push(patientId);
    return { entry_id: "QUE_1", number: 1 } as QueueEntry;
  }
}

let factory: IDBFactory;
let desk: Desk;
const opened = () => new Outbox(new RegistrationStore(factory), desk);

beforeEach(() => {
  vi.stubGlobal("navigator", {});
  factory = new IDBFactory();
  desk = new Desk();
});

it("registers and queues at once when the server answers, and keeps nothing", async () => {
  const outbox = opened();
  const outcome = await outbox.add(MERE, VISIT);
  expect(outcome).toMatchObject({ kind: "sent", patientId: "PAT_1", entry: { number: 1 } });
  expect(outbox.state.waiting).toEqual([]);
});

it("keeps what is typed without a network, also when the browser is closed, and sends it once", async () => {
  desk.away = true;
  expect((await opened().add(MERE, VISIT)).kind).toBe("kept");
  const later = opened();
  await later.sendAll();
  expect(later.state.waiting.map((one) => one.patient.name)).toEqual(["Mere Tane"]);
  expect(later.state.problem?.offline).toBe(true);
  desk.away = false;
  await Promise.all([later.sendAll(), later.sendAll()]);
  expect([desk.patients.size, desk.queued]).toEqual([1, ["PAT_1"]]);
  expect(later.state.waiting).toEqual([]);
});

it("registers one patient when the answer to the first try was lost", async () => {
  const outbox = opened();
  desk.loseAnswer = true;
  expect((await outbox.add(MERE, VISIT)).kind).toBe("kept");
  desk.loseAnswer = false;
  desk.queued = ["PAT_1"]; // somebody found and queued them meanwhile
  await outbox.sendAll();
  expect(desk.patients.size).toBe(1);
  expect(desk.queued).toEqual(["PAT_1"]);
  expect(outbox.state.waiting).toEqual([]);
});

it("gives back at once what the server refuses, and keeps what it refuses later to be corrected", async () => {
  const outbox = opened();
  desk.refuse = true;
  expect(await outbox.add(MERE, null)).toMatchObject({ kind: "refused", problem: { status: 422 } });
  expect(outbox.state.waiting).toEqual([]);
  desk.away = true;
  await outbox.add(MERE, null);
  desk.away = false;
  await outbox.sendAll();
  const [refused] = outbox.state.waiting;
  expect(refused?.refusal?.reason).toContain("birth date");
  desk.refuse = false;
  await outbox.sendAll();
  expect(desk.patients.size).toBe(0); // a person decides, not the clock
  expect((await outbox.takeBack(refused?.localId ?? ""))?.patient.name).toBe("Mere Tane");
  expect(outbox.state.waiting).toEqual([]);
});

it("keeps the form that is being typed, and forgets it when it was sent", async () => {
  const store = new RegistrationStore(factory);
  await store.keepDraft({ name: "Me" });
  expect(await new RegistrationStore(factory).draft()).toEqual({ name: "Me" });
  await store.forgetDraft();
  expect(await store.draft()).toBeUndefined();
});
