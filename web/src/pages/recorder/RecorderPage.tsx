import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useTitle } from "../../parts/use-title";
import { PasswordHint } from "../account/PasswordHint";
import { recorder, useRecorder } from "../../recorder/use-recorder";
import { ForPatient } from "./ForPatient";
import { OnThisDevice } from "./OnThisDevice";
import { RecentRecordings } from "./RecentRecordings";
import { Recorder } from "./Recorder";
import classes from "./RecorderPage.module.css";
import { SampleCard } from "./SampleCard";

/** Where a visit begins: one large button, and what was recorded before. */
export function RecorderPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { arrived, phase } = useRecorder();
  const patientId = useSearch({ from: "/" }).patient ?? null;
  useTitle(t("recorder.title"));

  useEffect(() => {
    if (!arrived) return;
    recorder.seen();
    void navigate({ to: "/recordings/$recordingId", params: { recordingId: arrived } });
  }, [arrived, navigate]);

  return (
    <div className={classes.page}>
      <div className={classes.left}>
        <PasswordHint />
        <OnThisDevice />
        {patientId && phase === "idle" && <ForPatient patientId={patientId} />}
        <Recorder patientId={patientId} />
      </div>
      <div className={classes.right}>
        <SampleCard />
        <RecentRecordings />
      </div>
    </div>
  );
}
