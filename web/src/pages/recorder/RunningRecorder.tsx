import { useState } from "react";
import { useTranslation } from "react-i18next";
import { announce } from "../../parts/announce";
import { Confirm } from "../../parts/Confirm";
import { Icon } from "../../parts/Icon";
import { Keys } from "../../parts/Keys";
import { Notice } from "../../parts/Notice";
import { recorder, useRecorder } from "../../recorder/use-recorder";
import { useElapsed } from "../../shell/Shell";
import { LevelMeter } from "./LevelMeter";
import { useFocusOnArrival } from "./Recorder";
import classes from "./Recorder.module.css";
import { useKeys } from "../../parts/use-keys";

/** The clock, the level, and what can be done while a recording runs. */
export function RunningRecorder() {
  const { t } = useTranslation();
  const state = useRecorder();
  const time = useElapsed();
  const [withdrawing, setWithdrawing] = useState(false);
  // Pause has the focus: a space that comes by accident must not end the visit.
  const pauseButton = useFocusOnArrival<HTMLButtonElement>();
  const paused = state.phase === "paused";
  const stopping = state.phase === "stopping";
  const toggle = () => (paused ? recorder.resume() : recorder.pause());
  const stop = () => void recorder.stop();
  useKeys({ " ": toggle, p: toggle, s: stop });

  const withdraw = async () => {
    setWithdrawing(false);
    await recorder.withdraw();
    announce(t("recorder.withdrawn"));
  };
  const now = state.sending.find((sending) => sending.recording.localId === state.localId);
  const kept = now?.waiting ? "keptHere" : (now && now.recording.uploaded >= now.recording.count) ? "keptAndSent" : "keepingUp";

  return (
    <div className={classes.running}>
      <div className={classes.time} role="timer" aria-label={t("recorder.elapsed")}>
        {time}
      </div>
      <LevelMeter paused={paused} />
      <p className={classes.state}>{t(`recorder.${kept}`)}</p>
      {state.quiet && (
        <Notice tone="doubt" role="alert">
          {t("recorder.quiet")}
        </Notice>
      )}
      {state.muted && (
        <Notice tone="doubt" role="alert">
          {t("recorder.muted")}
        </Notice>
      )}
      {state.storageFull && (
        <Notice tone="danger" role="alert">
          {t("recorder.storageFull")}
        </Notice>
      )}
      <div className={classes.controls}>
        <button
          type="button"
          ref={pauseButton}
          className={classes.control}
          onClick={toggle}
          disabled={stopping}
          aria-keyshortcuts="Space"
        >
          <Icon name={paused ? "microphone" : "pause"} />
          {t(paused ? "recorder.resume" : "recorder.pause")}
        </button>
        <button
          type="button"
          className={classes.control}
          data-main
          onClick={stop}
          disabled={stopping}
          aria-keyshortcuts="S"
        >
          <Icon name="stop" />
          {t(stopping ? "recorder.stopping" : "recorder.stop")}
        </button>
      </div>
      <Keys hint={paused ? "recorder.hintPaused" : "recorder.hintRunning"} />
      <button type="button" className={classes.withdraw} onClick={() => setWithdrawing(true)} disabled={stopping}>
        {t("recorder.withdraw")}
      </button>
      <Confirm
        opened={withdrawing}
        title={t("recorder.withdrawTitle")}
        yes={t("recorder.withdrawYes")}
        no={t("recorder.withdrawNo")}
        dangerous
        onYes={() => void withdraw()}
        onClose={() => setWithdrawing(false)}
      >
        <p>{t("recorder.withdrawText")}</p>
      </Confirm>
    </div>
  );
}
