import { SegmentedControl } from "@mantine/core";
import { useEffect, useRef, useState, type Ref } from "react";
import { useTranslation } from "react-i18next";
import type { ConsentGiver, SpokenLanguage } from "../../api/types";
import { Keys } from "../../parts/Keys";
import { Notice } from "../../parts/Notice";
import { recorder, useRecorder } from "../../recorder/use-recorder";
import { ConsentQuestion } from "./ConsentQuestion";
import { FileDrop } from "./FileDrop";
import classes from "./Recorder.module.css";
import { RunningRecorder } from "./RunningRecorder";
import { useKeys } from "../../parts/use-keys";
import { Icon } from "../../parts/Icon";

const LANGUAGE_KEY = "auscult-spoken-language";

/** The recorder: the button, the question about consent, and what is shown while it runs. */
export function Recorder({ patientId }: { patientId: string | null }) {
  const { t } = useTranslation();
  const { phase, problem, cutShort } = useRecorder();
  const [asking, setAsking] = useState(false);
  const recordButton = useRef<HTMLButtonElement>(null);
  const asked = useRef(false);
  // The question was left: the button that asked it has the focus again. (When it was answered, there is no button.)
  useEffect(() => {
    if (!asking && asked.current) recordButton.current?.focus();
    asked.current = asking;
  }, [asking]);
  const [language, setLanguage] = useState<SpokenLanguage>(rememberedLanguage);

  const running = phase === "recording" || phase === "paused" || phase === "stopping";
  const ask = () => {
    recorder.dismiss();
    setAsking(true);
  };
  const start = (givenBy: ConsentGiver) => {
    setAsking(false);
    void recorder.start(givenBy, language, patientId);
  };
  const choose = (value: SpokenLanguage) => {
    setLanguage(value);
    try {
      localStorage.setItem(LANGUAGE_KEY, value);
    } catch {
      // Storage is blocked: it lasts until the page is closed.
    }
  };
  useKeys({ r: phase === "idle" && !asking ? ask : undefined });

  return (
    <section className={classes.card} aria-label={t("recorder.title")} data-running={running || undefined}>
      <h1 className={classes.title}>{running ? t(`recorder.${phase}`) : t("recorder.title")}</h1>
      {problem && (
        <Notice tone="danger" role="alert">
          {t(`recorder.problem.${problem}`)}
        </Notice>
      )}
      {cutShort && (
        <Notice tone="doubt" role="alert">
          {t("recorder.cutShort")}
        </Notice>
      )}
      {running && <RunningRecorder />}
      {phase === "starting" && (
        <p className={classes.starting} role="status">
          <strong>{t("recorder.starting")}</strong>
          <span>{t("recorder.allow")}</span>
        </p>
      )}
      {phase === "idle" && asking && (
        <ConsentQuestion onAnswer={(givenBy) => givenBy && start(givenBy)} onCancel={() => setAsking(false)} />
      )}
      {phase === "idle" && !asking && (
        <>
          <RecordButton onPress={ask} ref={recordButton} />
          <Keys hint="recorder.hintRecord" />
          <div className={classes.language}>
            <span id="spoken-language">{t("recorder.language")}</span>
            <SegmentedControl
              aria-labelledby="spoken-language"
              name="spoken-language"
              value={language}
              onChange={(value) => choose(value as SpokenLanguage)}
              data={[
                { value: "auto", label: t("recorder.languageAuto") },
                { value: "en", label: t("recorder.languageEn") },
                { value: "hi", label: t("recorder.languageHi") },
              ]}
            />
          </div>
          <FileDrop language={language} patientId={patientId} />
        </>
      )}
    </section>
  );
}

function RecordButton({ onPress, ref }: { onPress: () => void; ref: Ref<HTMLButtonElement> }) {
  const { t } = useTranslation();
  return (
    <button ref={ref} type="button" className={classes.record} onClick={onPress} aria-keyshortcuts="R">
      <Icon name="microphone" size={56} />
      {t("recorder.record")}
    </button>
  );
}

function rememberedLanguage(): SpokenLanguage {
  try {
    const kept = localStorage.getItem(LANGUAGE_KEY);
    if (kept === "en" || kept === "hi") return kept;
  } catch {
    // Storage is blocked.
  }
  return "auto";
}

/** Moves the focus to what has just appeared, so that the keyboard goes on from there. */
export function useFocusOnArrival<Target extends HTMLElement>(): (element: Target | null) => void {
  const [element, setElement] = useState<Target | null>(null);
  useEffect(() => element?.focus(), [element]);
  return setElement;
}
