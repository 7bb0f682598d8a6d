import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { audioUrl } from "../../api/calls";
import { noteQuery, transcriptQuery } from "../../api/queries";
import type { Recording, Source, Turn } from "../../api/types";
import { announce } from "../../parts/announce";
import { ProblemNotice } from "../../parts/ProblemNotice";
import classes from "./Desk.module.css";
import { EvidenceContext, turnIdsOf, type Evidence } from "./evidence";
import { NotePanel } from "./NotePanel";
import { TranscriptPanel } from "./TranscriptPanel";

const NO_TURNS: readonly Turn[] = [];

/** The note beside what was heard; choosing a sentence shows and plays where it comes from. */
export function Desk({ recording }: { recording: Recording }) {
  const { t } = useTranslation();
  const [version, setVersion] = useState<number | undefined>();
  const [chosen, setChosen] = useState<{ key: string; turnIds: readonly string[] } | null>(null);
  const player = useRef<HTMLAudioElement>(null);

  const note = useQuery({ ...noteQuery(recording.note_id ?? "", version), enabled: Boolean(recording.note_id) });
  const transcript = useQuery(
    // A note points into the version of the transcript that it was written from; an older note into an older one.
    transcriptQuery(recording.recording_id, note.data?.transcript_version ?? recording.transcript_version),
  );
  const turns = transcript.data?.turns ?? NO_TURNS;

  // Another version takes the place of the one before, with what had the focus: the keyboard goes on from its top.
  const shownVersion = useRef<number | undefined>(undefined);
  const noteVersion = note.data?.version;
  useEffect(() => {
    if (noteVersion === undefined) return;
    if (shownVersion.current !== undefined && shownVersion.current !== noteVersion && document.activeElement === document.body) {
      document.getElementById("note-title")?.focus();
    }
    shownVersion.current = noteVersion;
  }, [noteVersion]);

  const playFrom = useCallback((seconds: number) => {
    const audio = player.current;
    if (!audio) return;
    audio.currentTime = seconds;
    // Refused when the browser wants a gesture first: the place is set, and the play button is there.
    void audio.play().catch(() => undefined);
  }, []);

  const choose = useCallback(
    (key: string, sources: readonly Source[]) => {
      const turnIds = turnIdsOf(sources);
      setChosen({ key, turnIds });
      const first = turns.find((turn) => turnIds.includes(turn.id));
      announce(turnIds.length > 0 ? t("transcript.sources", { count: turnIds.length }) : t("transcript.noSource"));
      if (!first) return;
      playFrom(first.start);
      showInPanel(document.getElementById(`turn-${first.id}`));
    },
    [turns, playFrom, t],
  );

  const evidence = useMemo<Evidence>(
    () => ({ turns, chosen: chosen?.key ?? null, choose, playFrom: recording.audio_available ? playFrom : null }),
    [turns, chosen, choose, playFrom, recording.audio_available],
  );

  return (
    <EvidenceContext value={evidence}>
      <div className={recording.note_id ? classes.desk : classes.single}>
        {recording.note_id && (
          <div className={classes.note}>
            {note.isPending && <Skeleton height={420} role="status" aria-label={t("app.loading")} />}
            {note.error && <ProblemNotice error={note.error} retry={() => void note.refetch()} />}
            {note.data && (
              <NotePanel key={`${note.data.note_id}-${note.data.version}`} note={note.data} readOnly={version !== undefined} onVersion={setVersion} transcript={transcript.data} />
            )}
          </div>
        )}
        <TranscriptPanel
          query={transcript}
          chosen={chosen?.turnIds ?? []}
          player={player}
          audio={recording.audio_available ? audioUrl(recording.recording_id) : null}
        />
      </div>
    </EvidenceContext>
  );
}

/** Scroll the transcript to a turn, but never the page: on a phone the sentence would be gone, and quotes it anyway. */
function showInPanel(turn: HTMLElement | null): void {
  const list = turn?.parentElement;
  if (!turn || !list || list.scrollHeight <= list.clientHeight) return;
  const above = turn.getBoundingClientRect().top - list.getBoundingClientRect().top;
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  list.scrollBy({ top: above - list.clientHeight / 4, behavior });
}
