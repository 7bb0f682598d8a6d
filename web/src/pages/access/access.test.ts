import { expect, it } from "vitest";
import { stateOfKey } from "../admin/key-state";
import { browserOf } from "./agent";

it.each([
  ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0 Safari/537.36", "Chrome", "Linux"],
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge", "Windows"],
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari", "iPhone"],
  ["Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36", "Samsung Internet", "Android"],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "macOS"],
  ["curl/8.5.0", "", ""],
])("knows a browser by its own words: %s", (agent, browser, system) => {
  expect(browserOf(agent)).toEqual({ browser, system });
});

const NOW = Date.parse("2026-03-02T09:00:00Z");
const key = { revoked_at: null, replaced_by: null, expires_at: "2027-03-02T09:00:00Z" };

it.each([
  ["good", key],
  ["expiring", { ...key, expires_at: "2026-03-12T09:00:00Z" }],
  ["expired", { ...key, expires_at: "2026-03-02T09:00:00Z" }],
  ["replaced", { ...key, replaced_by: "KEY_2", expires_at: "2026-03-03T09:00:00Z" }],
  ["expired", { ...key, replaced_by: "KEY_2", expires_at: "2026-03-01T09:00:00Z" }],
  ["revoked", { ...key, replaced_by: "KEY_2", revoked_at: "2026-03-01T09:00:00Z" }],
] as const)("a key is %s", (state, found) => {
  expect(stateOfKey(found, NOW)).toBe(state);
});
