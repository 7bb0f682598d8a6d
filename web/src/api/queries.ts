import { QueryClient, queryOptions, infiniteQueryOptions } from "@tanstack/react-query";
import * as calls from "./calls";
import * as clinic from "./clinic-calls";
import { MISSED, REFUSED, listen, type ServerEvent } from "./events";
import { asProblem } from "./problem";
import { withProgress } from "./steps";
import { WORKING } from "./types";

/** The event stream tells of changes; this is the slow second look in case it is silent. */
const SECOND_LOOK_MS = 10_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // The app's own server: ask even when the browser believes that there is no network.
      networkMode: "always",
      retry: (failures, error) => failures < 2 && asProblem(error).passing,
    },
    mutations: { networkMode: "always" },
  },
});

export const meQuery = queryOptions({ queryKey: ["me"], queryFn: calls.getMe, staleTime: 5 * 60_000, retryDelay: 500 });

export const preferencesQuery = queryOptions({ queryKey: ["preferences"], queryFn: calls.getPreferences });

export const recordingsQuery = infiniteQueryOptions({
  queryKey: ["recordings"],
  queryFn: ({ pageParam }) => calls.listRecordings(pageParam || undefined),
  initialPageParam: "",
  getNextPageParam: (page) => page.next || undefined,
});

export const recordingQuery = (id: string) =>
  queryOptions({
    queryKey: ["recording", id],
    queryFn: () => calls.getRecording(id),
    refetchInterval: (query) => (query.state.data && WORKING.includes(query.state.data.status) ? SECOND_LOOK_MS : false),
  });

export const transcriptQuery = (id: string, version: number) =>
  queryOptions({ queryKey: ["transcript", id, version], queryFn: () => calls.getTranscript(id, version), enabled: version > 0 });

export const comparisonQuery = (id: string) =>
  queryOptions({ queryKey: ["comparison", id], queryFn: () => calls.getComparison(id) });

export const noteQuery = (id: string, version?: number) =>
  queryOptions({ queryKey: ["note", id, version ?? "latest"], queryFn: () => calls.getNote(id, version) });

export const noteVersionsQuery = (id: string) =>
  queryOptions({ queryKey: ["note", id, "versions"], queryFn: () => calls.getNoteVersions(id) });

export const enginesQuery = queryOptions({ queryKey: ["engines"], queryFn: calls.getEngines });

export const patientsQuery = queryOptions({ queryKey: ["patients"], queryFn: calls.recentPatients });

/** The estimates in it change with time, so it is looked at again also when nothing happens. */
export const queueQuery = queryOptions({ queryKey: ["queue"], queryFn: clinic.getQueue, refetchInterval: 3 * SECOND_LOOK_MS });

/** The one source of the waiting-room screen: numbers only. */
export const numbersQuery = queryOptions({
  queryKey: ["queue", "numbers"],
  queryFn: clinic.getNumbers,
  refetchInterval: SECOND_LOOK_MS,
});

export const patientQuery = (id: string) =>
  queryOptions({ queryKey: ["patient", id], queryFn: () => clinic.getPatient(id) });

export const summaryQuery = (id: string) =>
  queryOptions({ queryKey: ["patient", id, "summary"], queryFn: () => clinic.getSummary(id) });

export const patientNotesQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["patient", id, "notes"],
    queryFn: ({ pageParam }) => clinic.getPatientNotes(id, pageParam || undefined),
    initialPageParam: "",
    getNextPageParam: (page) => page.next || undefined,
  });

/** Found while typing: the answer to what was typed before stays until the new one is there. */
export const searchQuery = (text: string) =>
  queryOptions({
    queryKey: ["patients", "search", text],
    queryFn: () => clinic.searchPatients(text),
    enabled: text.length > 0,
    placeholderData: (before) => before,
  });

/** Keep what is shown true to what the server says happened, and tell it on to `heard`. Call the answer to stop. */
export function followServer(client: QueryClient, heard?: (event: ServerEvent) => void): () => void {
  return listen((event) => {
    apply(client, event);
    heard?.(event);
  });
}

function apply(client: QueryClient, event: ServerEvent): void {
  if (event.event === MISSED.event) {
    void client.invalidateQueries();
    return;
  }
  if (event.event === REFUSED.event) {
    outdate(client, meQuery.queryKey);
    return;
  }
  if (event.event === "model_progress") {
    outdate(client, ["engines"]);
    return;
  }
  if (event.event === "queue_status") outdate(client, queueQuery.queryKey);
  if (event.event === "registered" || event.event === "patient_changed") outdate(client, patientsQuery.queryKey);
  if (event.patient_id) outdate(client, patientQuery(event.patient_id).queryKey);
  // Changed by a person, or written again from a better transcript: the note keeps its id, and its text is another.
  if (event.note_id) {
    outdate(client, ["note", event.note_id]);
    outdate(client, ["patient"]); // whose notes are shown: a signature does not say whose it is
  }
  if (!event.recording_id) return;
  const key = recordingQuery(event.recording_id).queryKey;
  const known = client.getQueryData(key);
  // A step that moves on is shown at once; anything else (a new step, an end) is worth asking for the whole.
  if (known && event.event === "recording_progress" && event.status === known.status) {
    client.setQueryData(key, withProgress(known, event));
    return;
  }
  outdate(client, key);
  outdate(client, ["recordings"]);
}

/**
 * Have it asked again where it is shown, and as soon as it is shown. What is being asked already may have been answered
 * before the change: an answer that comes late would pass for the newest, so it is not waited for.
 */
function outdate(client: QueryClient, queryKey: readonly unknown[]): void {
  void client.cancelQueries({ queryKey }).then(() => client.invalidateQueries({ queryKey }));
}
