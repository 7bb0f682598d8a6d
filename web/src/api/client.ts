import createClient from "openapi-fetch";
import { noAnswer, problemFrom } from "./problem";
import type { paths } from "./schema";

/** Every call carries this header: a form on another site cannot send it, so it cannot act in our name. */
export const OUR_HEADERS = { "X-Auscult": "1" } as const;

export const api = createClient<paths>({
  baseUrl: "/",
  headers: OUR_HEADERS,
  credentials: "same-origin",
  // Looked up at each call, so that a test may replace it.
  fetch: (request) => globalThis.fetch(request),
});

interface Outcome<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/**
 * The data of an answered call.
 *
 * @throws Problem for every other outcome, also when the network gave no answer.
 */
export async function answered<Data>(call: Promise<Outcome<Data>>): Promise<Data> {
  let outcome: Outcome<Data>;
  try {
    outcome = await call;
  } catch {
    throw noAnswer();
  }
  if (!outcome.response.ok) throw problemFrom(outcome.response.status, outcome.error);
  return outcome.data as Data;
}
