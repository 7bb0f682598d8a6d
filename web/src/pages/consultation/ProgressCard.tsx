import { Button, Loader, Progress } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { audioUrl, cancelRecording } from "../../api/calls";
import { everyStep } from "../../api/steps";
import type { Recording, Step } from "../../api/types";
import { useFormat } from "../../i18n/format";
import { announce } from "../../parts/announce";
import { Card } from "../../parts/Card";
import { Icon } from "../../parts/Icon";
import { ProblemNotice } from "../../parts/ProblemNotice";
import classes from "./ConsultationPage.module.css";

type StepName = "received" | "decoded" | "transcribed" | "speakers" | "note" | "stored";
type StepState = "done" | "running" | "waiting";

/** The steps from sound to note, as they happen. */
export function ProgressCard({ recording }: { recording: Recording }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => cancelRecording(recording.recording_id),
    onSuccess: () => client.invalidateQueries({ queryKey: ["recording", recording.recording_id] }),
  });
  const open = recording.status === "open";
  const steps = everyStep(recording.steps);
  const running = steps.find((step) => stateOf(step) === "running");
  const runningName = running && t(`recording.steps.${running.name as StepName}`);
  useEffect(() => {
    if (runningName) announce(runningName);
  }, [runningName]);
  return (
    <div className={classes.progress}>
      <Card title={t("recording.progress")}>
        <ol className={classes.steps}>
          {steps.map((step) => (
            <StepLine key={step.name} step={step} />
          ))}
        </ol>
        {cancel.error && <ProblemNotice error={cancel.error} />}
        <div className={classes.foot}>
          <span>{t(open ? "recording.openText" : "recording.working")}</span>
          {!open && (
            <Button variant="default" onClick={() => cancel.mutate()} loading={cancel.isPending}>
              {t("recording.cancel")}
            </Button>
          )}
        </div>
        <Listen recording={recording} />
      </Card>
    </div>
  );
}

/** The sound by itself, while there is no transcript to show it with. */
export function Listen({ recording }: { recording: Recording }) {
  const { t } = useTranslation();
  if (!recording.audio_available) return null;
  return (
    <div className={classes.listen}>
      {/* There are no captions yet: the transcript is what is being made. */}
      {/* eslint-disable-next-line jsx-a11y/media-has-caption */}
      <audio controls preload="none" src={audioUrl(recording.recording_id)} aria-label={t("recording.listen")} />
    </div>
  );
}

function StepLine({ step }: { step: Step }) {
  const { t } = useTranslation();
  const format = useFormat();
  const state = stateOf(step);
  const name = t(`recording.steps.${step.name as StepName}`);
  const words = {
    done: t("recording.stepDone"),
    running: t("recording.stepRunning", { percent: format.percent(step.fraction) }),
    waiting: t("recording.stepWaiting"),
  }[state];
  return (
    <li className={classes.step} data-state={state} aria-label={`${name}: ${words}`} aria-current={state === "running" ? "step" : undefined}>
      <span className={classes.mark}>
        {state === "done" && <Icon name="check" size={18} />}
        {state === "running" && <Loader size={26} aria-hidden="true" />}
      </span>
      <span className={classes.label}>
        {name}
        {state === "running" && <Progress value={step.fraction * 100} size="sm" aria-hidden="true" />}
      </span>
      <span className={classes.took}>{state === "done" ? format.took(secondsOf(step)) : state === "running" ? format.percent(step.fraction) : ""}</span>
    </li>
  );
}

function stateOf(step: Step): StepState {
  if (step.finished_at) return "done";
  return step.started_at ? "running" : "waiting";
}

function secondsOf(step: Step): number {
  if (!step.started_at || !step.finished_at) return 0;
  return Math.max(0, (Date.parse(step.finished_at) - Date.parse(step.started_at)) / 1_000);
}
