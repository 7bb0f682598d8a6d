import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { noteQuery } from "../../api/queries";
import { ConsultationPage } from "./ConsultationPage";
import { PageProblem, PageWaiting } from "./PageStates";

export function RecordingRoute() {
  const { recordingId } = useParams({ from: "/recordings/$recordingId" });
  return <ConsultationPage key={recordingId} recordingId={recordingId} />;
}

/** A note's own address shows the consultation that it belongs to. */
export function NoteRoute() {
  const { noteId } = useParams({ from: "/notes/$noteId" });
  const note = useQuery(noteQuery(noteId));
  if (note.data) return <ConsultationPage key={noteId} recordingId={note.data.recording_id} />;
  return note.error ? <PageProblem error={note.error} retry={() => void note.refetch()} /> : <PageWaiting />;
}
