import { Button } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { startSample } from "../../api/calls";
import { recordingsQuery } from "../../api/queries";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { useRecorder } from "../../recorder/use-recorder";
import classes from "./SampleCard.module.css";

/** Offered until the first real recording: hear it work on a made-up visit. */
export function SampleCard() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const recordings = useInfiniteQuery(recordingsQuery);
  const start = useMutation({
    mutationFn: startSample,
    onSuccess: async (recording) => {
      await client.invalidateQueries({ queryKey: ["recordings"] });
      await navigate({ to: "/recordings/$recordingId", params: { recordingId: recording.recording_id } });
    },
  });
  const { phase } = useRecorder();
  const known = recordings.data?.pages.flatMap((page) => page.items) ?? [];
  const sample = known.find((recording) => recording.sample);
  if (!recordings.isSuccess || known.some((recording) => !recording.sample) || phase !== "idle") return null;
  return (
    <section className={classes.card} aria-label={t("sample.firstTitle")}>
      <h2>{t("sample.firstTitle")}</h2>
      <p>{t("sample.firstText")}</p>
      {start.error && <ProblemNotice error={start.error} />}
      <Button
        size="md"
        variant="default"
        loading={start.isPending}
        onClick={() =>
          sample
            ? void navigate({ to: "/recordings/$recordingId", params: { recordingId: sample.recording_id } })
            : start.mutate()
        }
      >
        {t(sample ? "sample.open" : "sample.start")}
      </Button>
    </section>
  );
}
