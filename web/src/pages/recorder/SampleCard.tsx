import { Button } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { startSample } from "../../api/calls";
import { recordingsQuery, sampleQuery } from "../../api/queries";
import { ProblemNotice } from "../../parts/ProblemNotice";
import classes from "./SampleCard.module.css";

/** Offered until the first real recording: hear it work on a made-up visit. */
export function SampleCard() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const sample = useQuery(sampleQuery);
  const recordings = useInfiniteQuery(recordingsQuery);
  const start = useMutation({
    mutationFn: startSample,
    onSuccess: async (recording) => {
      await client.invalidateQueries({ queryKey: ["recordings"] });
      await navigate({ to: "/recordings/$recordingId", params: { recordingId: recording.recording_id } });
    },
  });
  const own = recordings.data?.pages.some((page) => page.items.some((recording) => !recording.sample));
  if (!sample.isSuccess || !recordings.isSuccess || own) return null;
  const { data } = sample;
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
          data
            ? void navigate({ to: "/recordings/$recordingId", params: { recordingId: data.recording_id } })
            : start.mutate()
        }
      >
        {t(data ? "sample.open" : "sample.start")}
      </Button>
    </section>
  );
}
