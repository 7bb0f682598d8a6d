import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { retryRecording } from "../../api/calls";
import { recordingQuery } from "../../api/queries";
import { WORKING, type Recording } from "../../api/types";
import { useSaid } from "../../i18n/said";
import { announce } from "../../parts/announce";
import { Commands } from "../../parts/Commands";
import { Notice } from "../../parts/Notice";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { useRecordingTitle } from "../../parts/use-recording-title";
import { useTitle } from "../../parts/use-title";
import classes from "./ConsultationPage.module.css";
import { Desk } from "./Desk";
import { Heading } from "./Heading";
import { PageProblem, PageWaiting } from "./PageStates";
import { Listen, ProgressCard } from "./ProgressCard";
import { SamplePanel } from "./SamplePanel";

/** One consultation: its progress while it is worked on, then the note beside what was heard. */
export function ConsultationPage({ recordingId }: { recordingId: string }) {
  const { t } = useTranslation();
  const query = useQuery(recordingQuery(recordingId));
  const recording = query.data;
  const title = useRecordingTitle();
  useTitle(recording ? title(recording) : t("app.loading"));

  const status = recording?.status;
  const before = useRef(status);
  useEffect(() => {
    if (before.current && before.current !== "ready" && status === "ready") announce(t("recording.ready"));
    before.current = status;
  }, [status, t]);

  const working = status === "open" || (status !== undefined && WORKING.includes(status));
  useFocusKept(recording !== undefined, working);

  if (!recording) {
    return query.error ? <PageProblem error={query.error} retry={() => void query.refetch()} /> : <PageWaiting />;
  }
  const hasResult = !working && (recording.note_id || recording.transcript_version > 0);
  return (
    <div className={classes.page}>
      <Heading recording={recording} />
      <Ending recording={recording} />
      {working && <ProgressCard recording={recording} />}
      {recording.sample && recording.status === "ready" && <SamplePanel recording={recording} />}
      {hasResult ? <Desk key={recording.note_id} recording={recording} /> : null}
      {!working && !hasResult && <Listen recording={recording} />}
    </div>
  );
}

/** What had the focus is gone when the note makes room for its progress, and back: the keyboard goes on at its place. */
function useFocusKept(loaded: boolean, working: boolean) {
  const shown = useRef<boolean | null>(null);
  const hadNote = useRef(false);
  useEffect(() => {
    if (!loaded) return;
    const { activeElement, body } = document;
    const content = document.getElementById("content");
    if (shown.current !== null && shown.current !== working && (activeElement === body || activeElement === content)) {
      // A note that was written again is what its reader waits for; a first one is read from the top of the page.
      const title = !working && hadNote.current ? document.getElementById("note-title") : null;
      if (title) title.focus();
      else content?.focus({ preventScroll: true });
    }
    shown.current = working;
    hadNote.current ||= !working;
  }, [loaded, working]);
}

/** How the work ended, when it did not end with a note: what happened, and what to do. */
function Ending({ recording }: { recording: Recording }) {
  const { t } = useTranslation();
  const said = useSaid();
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: () => retryRecording(recording.recording_id),
    onSuccess: () => client.invalidateQueries({ queryKey: ["recording", recording.recording_id] }),
  });
  const again = (
    <Button onClick={() => retry.mutate()} loading={retry.isPending}>
      {t("recording.retry")}
    </Button>
  );
  const trouble = retry.error ? <ProblemNotice error={retry.error} /> : null;
  switch (recording.status) {
    case "failed":
      return (
        <>
          <Notice tone="danger" title={t("recording.failedTitle")} actions={again} role="alert">
            <p>{said(recording.failure?.reason ?? "")}</p>
            <p>
              <Commands text={said(recording.failure?.remedy ?? "")} />
            </p>
          </Notice>
          {trouble}
        </>
      );
    case "transcript_only":
      return (
        <>
          <Notice tone="doubt" title={t("recording.transcriptOnlyTitle")} actions={again}>
            <p>{recording.failure ? said(recording.failure.reason) : t("recording.transcriptOnlyText")}</p>
            {recording.failure && (
              <p>
                <Commands text={said(recording.failure.remedy)} />
              </p>
            )}
          </Notice>
          {trouble}
        </>
      );
    case "cancelled":
      return (
        <>
          <Notice tone="calm" title={t("recording.cancelledTitle")} actions={again}>
            {t("recording.cancelledText")}
          </Notice>
          {trouble}
        </>
      );
    case "no_speech":
      return (
        <Notice tone="doubt" title={t("recording.noSpeechTitle")} actions={recording.audio_available ? again : undefined}>
          {t("recording.noSpeechText")}
        </Notice>
      );
    case "discarded":
      return <Notice tone="calm" title={t("recording.discardedTitle")} />;
    default:
      return null;
  }
}
