import type { Key } from "../../api/access-types";

export type KeyState = "good" | "expiring" | "replaced" | "expired" | "revoked";

/** So long before its end a key is marked: time enough to give its successor to who uses it. */
const SOON_MS = 14 * 24 * 3_600_000;

/** What can be said of a key at that time (milliseconds): the reason that ends it comes first. */
export function stateOfKey(key: Pick<Key, "revoked_at" | "replaced_by" | "expires_at">, now: number): KeyState {
  const left = Date.parse(key.expires_at) - now;
  if (key.revoked_at) return "revoked";
  if (left <= 0) return "expired";
  if (key.replaced_by) return "replaced";
  return left <= SOON_MS ? "expiring" : "good";
}
