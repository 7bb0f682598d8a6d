import type { Answer } from "./types";

/** Coming in, people, sessions, keys and devices, as the server tells of them. */

export type Session = Answer<"/me/sessions", "get", 200>["items"][number];
export type Person = Answer<"/people", "get", 200>["items"][number];
export type Invited = Answer<"/people", "post", 201>;
export type Key = Answer<"/api-keys", "get", 200>["items"][number];
export type MadeKey = Answer<"/api-keys", "post", 201>;
export type Device = Answer<"/devices", "get", 200>["items"][number];
export type AddedDevice = Answer<"/devices", "post", 201>;
export type AuditEntry = Answer<"/audit/search", "post", 200>["items"][number];
export type SecondFactorBegun = Answer<"/me/second-factor", "post", 200>;

export type PersonRole = "nurse" | "doctor" | "admin";
/** What a person may be to the clinic; a screen in the waiting room has a role of its own. */
export const PERSON_ROLES: readonly PersonRole[] = ["nurse", "doctor", "admin"];

export type KeyRole = "integration" | "device" | "nurse" | "doctor";
export const KEY_ROLES: readonly KeyRole[] = ["integration", "device", "nurse", "doctor"];

export type ScopeName = "recordings" | "notes" | "patients" | "queue" | "events" | "clinic";
/** What a key may be limited to: each to read, or to write as well. */
export const SCOPES: readonly ScopeName[] = ["recordings", "notes", "patients", "queue", "events", "clinic"];
