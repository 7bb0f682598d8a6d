import { Button, FileButton, Progress } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ConsentGiver, SpokenLanguage } from "../../api/types";
import { useFormat } from "../../i18n/format";
import { Icon } from "../../parts/Icon";
import { Notice } from "../../parts/Notice";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { ConsentQuestion } from "./ConsentQuestion";
import classes from "./Recorder.module.css";
import { soundType, uploadFile } from "./upload";

/** A sound file instead of the microphone: chosen, or dropped anywhere on the page. */
export function FileDrop({ language, patientId }: { language: SpokenLanguage; patientId: string | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [fraction, setFraction] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  const stop = useRef<AbortController>(undefined);
  const take = (chosen: File | null) => {
    setError(null);
    setFile(chosen);
  };
  const over = useDropOnPage(take);
  const type = file && soundType(file);

  const send = async (givenBy: ConsentGiver | null) => {
    if (!file || !type) return;
    setFraction(0);
    setError(null);
    stop.current = new AbortController();
    try {
      const recordingId = await uploadFile({
        file,
        contentType: type,
        language,
        givenBy,
        patientId,
        idempotencyKey: crypto.randomUUID?.() ?? `${file.name}-${Date.now()}`,
        signal: stop.current.signal,
        progress: setFraction,
      });
      void client.invalidateQueries({ queryKey: ["recordings"] });
      await navigate({ to: "/recordings/$recordingId", params: { recordingId } });
    } catch (thrown) {
      if (!stop.current.signal.aborted) setError(thrown);
      setFraction(null);
      if (stop.current.signal.aborted) setFile(null);
    }
  };

  if (file && fraction !== null) {
    return (
      <div className={classes.drop} data-busy>
        <div className={classes.uploading} role="status">
          <div className={classes.uploadingHead}>
            <span>
              {t("file.uploading", { name: file.name })} · {format.percent(fraction)}
            </span>
            <Button variant="default" size="sm" onClick={() => stop.current?.abort()}>
              {t("app.cancel")}
            </Button>
          </div>
          <Progress value={fraction * 100} aria-label={t("file.uploading", { name: file.name })} />
        </div>
      </div>
    );
  }
  if (file && type && !error) {
    return (
      <ConsentQuestion
        fileName={file.name}
        onAnswer={(givenBy) => void send(givenBy)}
        onCancel={() => setFile(null)}
      />
    );
  }
  return (
    <>
      {file && !type && (
        <Notice tone="danger" role="alert">
          {t("file.notSound", { name: file.name })}
        </Notice>
      )}
      {file && error ? <ProblemNotice title={t("file.failed", { name: file.name })} error={error} retry={() => setError(null)} /> : null}
      <div className={classes.drop} data-over={over || undefined}>
        {over ? (
          t("file.dropNow")
        ) : (
          <>
            <FileButton accept="audio/*,.m4a,.opus,.flac,.webm,.mp4" onChange={take}>
              {(props) => (
                <Button {...props} variant="default" size="md" leftSection={<Icon name="file" />}>
                  {t("file.choose")}
                </Button>
              )}
            </FileButton>
            <span className={classes.dropHint}>{t("file.drop")}</span>
          </>
        )}
      </div>
    </>
  );
}

/** Takes a file dropped anywhere: a near miss must not make the browser open the file instead. */
function useDropOnPage(take: (file: File) => void): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(take);
  useEffect(() => {
    latest.current = take;
  });
  useEffect(() => {
    const stopping = new AbortController();
    const { signal } = stopping;
    const dragging = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setOver(true);
    };
    document.addEventListener("dragover", dragging, { signal });
    document.addEventListener("dragleave", (event) => event.relatedTarget === null && setOver(false), { signal });
    document.addEventListener(
      "drop",
      (event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer?.files[0];
        if (file) latest.current(file);
      },
      { signal },
    );
    return () => stopping.abort();
  }, []);
  return over;
}
