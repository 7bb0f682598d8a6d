import type { KeyRole, PersonRole } from "./access-types";
import { answered, api } from "./client";
import type { paths } from "./schema";

/** What the app asks of the server about coming in, and what an admin does. All throw `Problem`. */

const ofPerson = (userId: string) => ({ params: { path: { user_id: userId } } });
const ofSession = (sessionId: string) => ({ params: { path: { session_id: sessionId } } });
const ofKey = (keyId: string) => ({ params: { path: { key_id: keyId } } });

export const signIn = (wanted: { name: string; password: string; code: string }) =>
  answered(
    api.POST("/sign-in", { body: { sign_in_name: wanted.name, password: wanted.password, code: wanted.code } }),
  );

/** How one may sign in, beside a name and a password. */
export const signInOptions = () => answered(api.GET("/sign-in/options"));

export const setPassword = (wanted: { name: string; current: string; new: string }) =>
  answered(
    api.PUT("/me/password", { body: { sign_in_name: wanted.name, current: wanted.current, new: wanted.new } }),
  );
export const beginSecondFactor = () => answered(api.POST("/me/second-factor"));
export const confirmSecondFactor = (code: string) => answered(api.POST("/me/second-factor/confirm", { body: { code } }));
export const dropSecondFactor = (password: string) =>
  answered(api.POST("/me/second-factor/remove", { body: { password } }));
export const mySessions = () => answered(api.GET("/me/sessions"));
export const endMySession = (id: string) => answered(api.DELETE("/me/sessions/{session_id}", ofSession(id)));

export const listPeople = () => answered(api.GET("/people"));
export const addPerson = (wanted: {
  name: string;
  signInName: string;
  role: PersonRole | "display";
  administers: boolean;
}) =>
  answered(
    api.POST("/people", {
      body: {
        name: wanted.name,
        sign_in_name: wanted.signInName,
        role: wanted.role,
        administers: wanted.administers,
      },
    }),
  );

export interface PersonChange {
  name?: string;
  role?: PersonRole;
  administers?: boolean;
  disabled?: boolean;
}

export const changePerson = (id: string, change: PersonChange) =>
  answered(api.PATCH("/people/{user_id}", { ...ofPerson(id), body: change }));
export const inviteAgain = (id: string) => answered(api.POST("/people/{user_id}/sign-in-link", ofPerson(id)));
export const removeSecondFactor = (id: string) =>
  answered(api.DELETE("/people/{user_id}/second-factor", ofPerson(id)));

export const allSessions = () => answered(api.GET("/sessions"));
export const endSession = (id: string) => answered(api.DELETE("/sessions/{session_id}", ofSession(id)));

export const listKeys = () => answered(api.GET("/api-keys"));
export const makeKey = (wanted: { name: string; role: KeyRole; scopes: string[] }) =>
  answered(api.POST("/api-keys", { body: wanted }));
export const rotateKey = (id: string) => answered(api.POST("/api-keys/{key_id}/rotate", ofKey(id)));
export const revokeKey = (id: string) => answered(api.DELETE("/api-keys/{key_id}", ofKey(id)));

export const listDevices = () => answered(api.GET("/devices"));
/** Without a public key of its own the device gets a pair. */
export const addDevice = (name: string, publicKey: string | null) =>
  answered(api.POST("/devices", { body: { name, public_key: publicKey } }));
export const revokeDevice = (id: string) =>
  answered(api.DELETE("/devices/{device_id}", { params: { path: { device_id: id } } }));

const AUDIT_PAGE = 50;
type AuditSearch = paths["/audit/search"]["post"]["requestBody"]["content"]["application/json"];

/** A page of the audit trail, newest first. What is sought goes into a body, never into an address. */
export const searchAudit = (sought: Omit<AuditSearch, "limit" | "cursor">, cursor: string | null) =>
  answered(api.POST("/audit/search", { body: { ...sought, limit: AUDIT_PAGE, cursor } }));
