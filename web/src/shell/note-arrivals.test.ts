import { QueryClient } from "@tanstack/react-query";
import { beforeEach, expect, it } from "vitest";
import { patientQuery, queueQuery } from "../api/queries";
import { noteForMe } from "./note-arrivals";

const READY = { seq: 7, event: "soap_ready", note_id: "NOTE_1", recording_id: "REC_1", patient_id: "PAT_1" };
let client: QueryClient;

beforeEach(() => {
  client = new QueryClient();
  client.setQueryDefaults(["patient"], { staleTime: Number.POSITIVE_INFINITY });
  client.setQueryData(patientQuery("PAT_1").queryKey, { patient_id: "PAT_1", name: "Mere Tane" } as never);
});

const consulting = (by: string) =>
  client.setQueryData(queueQuery.queryKey, {
    items: [{ patient_id: "PAT_1", status: "consulting", called_by: by }],
    next: null,
  } as never);

it("tells a doctor of the note of the patient they see, wherever they are", async () => {
  consulting("USR_1");
  expect(await noteForMe(client, READY, "/queue", "USR_1")).toEqual({ noteId: "NOTE_1", name: "Mere Tane" });
});

it("tells whoever has the patient's page open", async () => {
  expect(await noteForMe(client, READY, "/patients/PAT_1", "USR_1")).not.toBeNull();
});

it("keeps quiet about others' notes, other events, and a note that appears on the very page", async () => {
  consulting("USR_2");
  expect(await noteForMe(client, READY, "/queue", "USR_1")).toBeNull();
  consulting("USR_1");
  expect(await noteForMe(client, { ...READY, event: "note_signed" }, "/queue", "USR_1")).toBeNull();
  expect(await noteForMe(client, READY, "/recordings/REC_1", "USR_1")).toBeNull();
});
