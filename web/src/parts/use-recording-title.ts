import { useTranslation } from "react-i18next";
import type { Recording } from "../api/types";
import { useFormat } from "../i18n/format";

/** What to call a recording: the title that a person gave it, the patient, or the time. */
export function useRecordingTitle(): (recording: Recording) => string {
  const { t } = useTranslation();
  const format = useFormat();
  return (recording) =>
    recording.title || recording.patient_name || t("list.untitled", { time: format.time(recording.created_at) });
}
