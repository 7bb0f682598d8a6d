import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../i18n/format";
import { useProblemText } from "../../i18n/problem";
import { useSaid } from "../../i18n/said";
import { Notice } from "../../parts/Notice";
import type { LocalRecording } from "../../recorder/store";
import type { Sending } from "../../recorder/session";
import { recorder, useRecorder } from "../../recorder/use-recorder";

/** Recordings that are on this device and not yet safely on the server. */
export function OnThisDevice() {
  const { interrupted, sending, localId } = useRecorder();
  return (
    <>
      {interrupted.map((recording) => (
        <Interrupted key={recording.localId} recording={recording} />
      ))}
      {sending
        .filter(({ recording }) => recording.localId !== localId && recording.phase === "stopped")
        .map((one) => (one.recording.refusal ? <Refused key={one.recording.localId} {...one} /> : <OnItsWay key={one.recording.localId} {...one} />))}
    </>
  );
}

function Interrupted({ recording }: { recording: LocalRecording }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Notice
      tone="doubt"
      role="status"
      title={t("recorder.interrupted", { time: format.moment(recording.startedAt) })}
      actions={
        <>
          <Button onClick={() => void recorder.finish(recording)}>{t("recorder.finish")}</Button>
          <Button variant="default" onClick={() => void recorder.discard(recording)}>
            {t("recorder.discard")}
          </Button>
        </>
      }
    >
      {t("recorder.interruptedText", { length: format.stretch(recording.elapsed / 1_000) })}
    </Notice>
  );
}

function OnItsWay({ recording, waiting }: Sending) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  return (
    <Notice tone="calm" role="status" title={t("recorder.sending", { time: format.moment(recording.startedAt) })}>
      <progress max={recording.count} value={recording.uploaded} aria-label={t("recorder.sending", { time: format.moment(recording.startedAt) })} />
      {waiting && <p>{t("recorder.sendingWaits", { reason: problemText(waiting).reason })}</p>}
    </Notice>
  );
}

function Refused({ recording }: Sending) {
  const { t } = useTranslation();
  const said = useSaid();
  const format = useFormat();
  const save = async () => {
    const address = URL.createObjectURL(await recorder.sound(recording));
    const link = document.createElement("a");
    link.href = address;
    link.download = `auscult-${new Date(recording.startedAt).toISOString().slice(0, 16).replace(":", "")}.${recording.contentType.split("/")[1]}`;
    link.click();
    URL.revokeObjectURL(address);
  };
  return (
    <Notice
      tone="danger"
      role="alert"
      title={t("recorder.refused", { time: format.moment(recording.startedAt) })}
      actions={
        <>
          <Button onClick={() => void recorder.finish(recording)}>{t("app.tryAgain")}</Button>
          <Button variant="default" onClick={() => void save()}>
            {t("recorder.saveSound")}
          </Button>
          <Button variant="default" onClick={() => void recorder.discard(recording)}>
            {t("recorder.discard")}
          </Button>
        </>
      }
    >
      <p>{said(recording.refusal?.reason ?? "")}</p>
      <p>{said(recording.refusal?.remedy ?? "")}</p>
    </Notice>
  );
}
