import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { problemFrom } from "./problem";
import { followServer, meQuery, noteQuery } from "./queries";

const ME = {
  user_id: "USR_1",
  name: "Dr Rangi",
  role: "doctor",
  administers: true,
  clinic_id: "CLN_1",
  clinic_name: "Clinic",
  sign_in_name: "",
  has_password: false,
  phones: false,
  has_second_factor: false,
  recovery_codes_left: 0,
};

/** A stream that a test opens, refuses and breaks as a server and a network do. */
class Stream extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly CLOSED = 2;
  static opened: Stream[] = [];
  readyState = Stream.CONNECTING;

  constructor() {
    super();
    Stream.opened.push(this);
  }

  close(): void {
    this.readyState = Stream.CLOSED;
  }

  /** The server answered with something that is no stream: the browser gives up. */
  refuse(): void {
    this.readyState = Stream.CLOSED;
    this.dispatchEvent(new Event("error"));
  }

  /** The connection broke: the browser connects again by itself. */
  break(): void {
    this.readyState = Stream.CONNECTING;
    this.dispatchEvent(new Event("error"));
  }
}

let client: QueryClient;
let signedIn: boolean;
let asked: number;
let stop: () => void;
let unsubscribe: () => void;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  vi.stubGlobal("EventSource", Stream);
  vi.stubGlobal("navigator", {});
  Stream.opened = [];
  [signedIn, asked] = [true, 0];
  client = new QueryClient();
  // As the shell does: listen while somebody is signed in.
  const queryFn = () => {
    asked += 1;
    return signedIn ? Promise.resolve(ME) : Promise.reject(problemFrom(401, { code: "unauthenticated" }));
  };
  const me = new QueryObserver(client, { ...meQuery, queryFn, retry: false });
  let following: (() => void) | undefined;
  unsubscribe = me.subscribe((result) => {
    if (result.isSuccess) following ??= followServer(client);
    else if (result.isError) following = void following?.();
  });
  stop = () => following?.();
  await vi.waitFor(() => expect(Stream.opened).toHaveLength(1));
});

afterEach(() => {
  stop();
  unsubscribe();
  client.clear();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("asks who is signed in when the stream is refused, and then does not knock again", async () => {
  signedIn = false;
  Stream.opened[0]?.refuse();
  await vi.waitFor(() => expect(client.getQueryState(meQuery.queryKey)?.status).toBe("error"));
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(Stream.opened).toHaveLength(1);
  expect(asked).toBe(2);
});

it("knocks again when the stream is refused for another reason", async () => {
  Stream.opened[0]?.refuse();
  await vi.waitFor(() => expect(asked).toBe(2));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(Stream.opened).toHaveLength(2);
});

it("leaves a broken connection to the browser", async () => {
  signedIn = false;
  Stream.opened[0]?.break();
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(Stream.opened).toHaveLength(1);
  expect(asked).toBe(1);
});

it("does not take an answer from before a change for the newest", async () => {
  // Nobody looks at the note at this moment, and it was asked for just before it was written again.
  let answered: (note: { text: string }) => void = () => undefined;
  const queryKey = noteQuery("NOT_1").queryKey;
  const early = client.fetchQuery({ queryKey, queryFn: () => new Promise((resolve) => void (answered = resolve)) });
  early.catch(() => undefined); // given up
  const data = JSON.stringify({ event: "soap_ready", seq: 5, note_id: "NOT_1" });
  Stream.opened[0]?.dispatchEvent(new MessageEvent("soap_ready", { data, lastEventId: "5" }));
  await vi.advanceTimersByTimeAsync(0);
  answered({ text: "from before" });
  await vi.advanceTimersByTimeAsync(0);
  expect(client.getQueryData(queryKey)).toBeUndefined();
});
