import { Skeleton } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { useEffect, useState, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import type { Transcript, Turn } from "../../api/types";
import { clock } from "../../i18n/format";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { useEvidence } from "./evidence";
import classes from "./TranscriptPanel.module.css";

/** Below this, a word is as likely wrong as right. */
const UNSURE = 0.5;

interface TranscriptPanelProps {
  query: UseQueryResult<Transcript>;
  /** The turns that the chosen sentence rests on. */
  chosen: readonly string[];
  player: RefObject<HTMLAudioElement | null>;
  /** Null when the sound has been deleted. */
  audio: string | null;
}

/** What was heard, turn by turn, with its sound. */
export function TranscriptPanel({ query, chosen, player, audio }: TranscriptPanelProps) {
  const { t } = useTranslation();
  const playing = usePlayingTurn(player, query.data?.turns);
  const unsure = query.data?.turns.some((turn) => turn.words?.some((word) => word.confidence < UNSURE));
  return (
    <section className={classes.panel} aria-label={t("transcript.title")}>
      <div className={classes.head}>
        <h2>{t("transcript.title")}</h2>
        {audio ? (
          // The transcript below is the text of this sound.
          // eslint-disable-next-line jsx-a11y/media-has-caption
          <audio
            ref={player}
            controls
            preload="metadata"
            src={audio}
            aria-label={t("recording.listen")}
            onLoadedMetadata={(event) => findLength(event.currentTarget)}
          />
        ) : (
          <p className={classes.soft}>{t("transcript.gone")}</p>
        )}
      </div>
      {query.isPending && <Skeleton height={300} role="status" aria-label={t("app.loading")} />}
      {query.error && <ProblemNotice error={query.error} retry={() => void query.refetch()} />}
      {query.data && (
        <>
          <ol className={classes.turns} tabIndex={audio ? undefined : 0} aria-label={t("transcript.title")}>
            {query.data.turns.map((turn) => (
              <TurnLine key={turn.id} turn={turn} source={chosen.includes(turn.id)} playing={turn.id === playing} />
            ))}
          </ol>
          <p className={classes.soft}>
            {t("transcript.engine", {
              engine: [query.data.engine.name, query.data.engine.model].filter(Boolean).join(" "),
            })}
            {unsure && ` · ${t("transcript.unsure")}`}
          </p>
        </>
      )}
    </section>
  );
}

function TurnLine({ turn, source, playing }: { turn: Turn; source: boolean; playing: boolean }) {
  const { t } = useTranslation();
  const { playFrom } = useEvidence();
  return (
    <li
      id={`turn-${turn.id}`}
      className={classes.turn}
      data-speaker={turn.speaker}
      data-source={source || undefined}
      data-playing={playing || undefined}
    >
      <div className={classes.who}>
        <span>{t(`transcript.${turn.speaker}`)}</span>
        {playFrom ? (
          <button
            type="button"
            className={classes.when}
            aria-label={t("transcript.playTurn", { time: clock(turn.start) })}
            onClick={() => playFrom(turn.start)}
          >
            ▶ {clock(turn.start)}
          </button>
        ) : (
          <span className={classes.soft}>{clock(turn.start)}</span>
        )}
      </div>
      <p lang={turn.language}>
        {source && <span className={classes.unseen}>{t("transcript.source")}: </span>}
        <Words turn={turn} />
      </p>
    </li>
  );
}

/** The words, with those marked that were heard with little confidence. */
function Words({ turn }: { turn: Turn }) {
  if (!turn.words?.some((word) => word.confidence < UNSURE)) return turn.text;
  return turn.words.map((word) => (
    <span key={`${word.start}-${word.text}`} className={word.confidence < UNSURE ? classes.unsure : undefined}>
      {word.text}{" "}
    </span>
  ));
}

/** Which turn sounds now; null when nothing plays. */
function usePlayingTurn(player: RefObject<HTMLAudioElement | null>, turns: readonly Turn[] | undefined): string | null {
  const [playing, setPlaying] = useState<string | null>(null);
  useEffect(() => {
    const audio = player.current;
    if (!audio || !turns) return undefined;
    const stopping = new AbortController();
    const follow = () => {
      const now = audio.currentTime;
      setPlaying(audio.paused ? null : (turns.findLast((turn) => turn.start <= now + 0.05)?.id ?? null));
    };
    for (const name of ["timeupdate", "pause", "play", "ended"]) audio.addEventListener(name, follow, stopping);
    return () => stopping.abort();
  }, [player, turns]);
  return playing;
}

/** A browser's recording does not say how long it is: going far past its end makes the browser find out. */
function findLength(audio: HTMLAudioElement): void {
  if (Number.isFinite(audio.duration)) return;
  audio.addEventListener("durationchange", () => Number.isFinite(audio.duration) && (audio.currentTime = 0), { once: true });
  audio.currentTime = 1e7;
}
