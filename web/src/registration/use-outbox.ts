import { useSyncExternalStore } from "react";
import * as calls from "../api/clinic-calls";
import { Outbox, type OutboxState } from "./outbox";
import { RegistrationStore } from "./store";

export const registrations = new RegistrationStore();

/** The outbox of this tab. */
export const outbox = new Outbox(registrations, {
  register: calls.registerPatient,
  queue: (patientId, visit) => calls.joinQueue(patientId, visit.reason, visit.urgency),
});

/** What waits on this device, kept current. */
export function useOutbox(): OutboxState {
  return useSyncExternalStore(outbox.subscribe, () => outbox.state);
}
