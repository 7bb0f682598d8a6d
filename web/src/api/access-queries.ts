import { queryOptions } from "@tanstack/react-query";
import * as calls from "./access-calls";

/**
 * All of these are asked for whenever they are shown, or their window is looked at again, and never by a clock: a page
 * that asks by itself would keep a session alive that nobody uses.
 */

export const mySessionsQuery = queryOptions({
  queryKey: ["my-sessions"],
  queryFn: calls.mySessions,
  staleTime: 0,
});
export const allSessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: calls.allSessions,
  staleTime: 0,
});
export const peopleQuery = queryOptions({ queryKey: ["people"], queryFn: calls.listPeople, staleTime: 0 });
export const keysQuery = queryOptions({ queryKey: ["api-keys"], queryFn: calls.listKeys, staleTime: 0 });
export const devicesQuery = queryOptions({ queryKey: ["devices"], queryFn: calls.listDevices, staleTime: 0 });
export const signInOptionsQuery = queryOptions({
  queryKey: ["sign-in-options"],
  queryFn: calls.signInOptions,
  staleTime: Infinity,
});
