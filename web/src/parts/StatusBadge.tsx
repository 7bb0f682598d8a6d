import { useTranslation } from "react-i18next";
import type { RecordingStatus } from "../api/types";
import classes from "./StatusBadge.module.css";

type Tone = "calm" | "good" | "doubt" | "danger" | "plain";
const TONES: Record<RecordingStatus, Tone> = {
  open: "plain",
  received: "calm",
  processing: "calm",
  ready: "good",
  transcript_only: "doubt",
  no_speech: "doubt",
  failed: "danger",
  cancelled: "plain",
  discarded: "plain",
};

/** Where a recording is, in a word. */
export function StatusBadge({ status }: { status: RecordingStatus }) {
  const { t } = useTranslation();
  return <Tag tone={TONES[status]}>{t(`status.${status}`)}</Tag>;
}

/** A word with a colour; the colour is never the only sign. */
export function Tag({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span className={classes.tag} data-tone={tone}>
      {children}
    </span>
  );
}
