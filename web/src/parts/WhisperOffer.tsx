import { Button, NativeSelect, Progress } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cancelPull, pullWhisper } from "../api/calls";
import type { Engines } from "../api/types";
import { useFormat } from "../i18n/format";
import { useSaid } from "../i18n/said";
import { Commands } from "./Commands";
import { Notice } from "./Notice";
import { ProblemNotice } from "./ProblemNotice";
import classes from "./WhisperOffer.module.css";

const MEGABYTE = 1_000_000;

/** The Whisper size that fits this machine: one click, its progress, and a way out. */
export function WhisperOffer({ engines }: { engines: Engines }) {
  const { t } = useTranslation();
  const format = useFormat();
  const said = useSaid();
  const client = useQueryClient();
  const { whisper, pull } = engines;
  const [wanted, setWanted] = useState(whisper.suggested);
  const refresh = () => client.invalidateQueries({ queryKey: ["engines"] });
  const start = useMutation({ mutationFn: (size: string) => pullWhisper(size), onSuccess: refresh });
  const cancel = useMutation({ mutationFn: cancelPull, onSuccess: refresh });

  if (pull?.status === "running") {
    return (
      <div className={classes.offer} role="group" aria-label={t("engines.downloading", { size: pull.size })}>
        <p>
          {t("engines.downloading", { size: pull.size })} · {format.percent(pull.fraction)}
        </p>
        <Progress
          value={pull.fraction * 100}
          aria-label={t("engines.downloading", { size: pull.size })}
          className={classes.progress}
        />
        <Button variant="default" onClick={() => cancel.mutate()} loading={cancel.isPending}>
          {t("engines.cancelDownload")}
        </Button>
      </div>
    );
  }
  const size = whisper.sizes.find((one) => one.size === wanted);
  return (
    <div className={classes.offer}>
      <p className={classes.soft}>{t("engines.hardware", { hardware: said(whisper.hardware) })}</p>
      {pull?.status === "done" && <Notice tone="good" role="status" title={t("engines.downloaded", { size: pull.size })} />}
      {pull?.status === "cancelled" && <Notice tone="calm" role="status" title={t("engines.cancelled")} />}
      {pull?.status === "failed" && (
        <Notice tone="danger" role="alert" title={t("engines.failed")}>
          <p>{said(pull.reason)}</p>
          <p>
            <Commands text={said(pull.remedy)} />
          </p>
        </Notice>
      )}
      {start.error && <ProblemNotice error={start.error} />}
      <div className={classes.row}>
        <NativeSelect
          label={t("engines.size")}
          className={classes.size}
          size="md"
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
          data={whisper.sizes.map((one) => ({
            value: one.size,
            label: [
              one.size,
              format.megabytes(one.download_mb * MEGABYTE),
              one.provisioned
                ? t("engines.here")
                : one.size === whisper.suggested
                  ? t("engines.suggested")
                  : !one.fits && t("engines.tooBig"),
            ]
              .filter(Boolean)
              .join(" · "),
          }))}
        />
        <Button size="md" disabled={!size || size.provisioned} loading={start.isPending} onClick={() => start.mutate(wanted)}>
          {size?.provisioned
            ? t("engines.here")
            : t("engines.downloadSize", { size: format.megabytes((size?.download_mb ?? 0) * MEGABYTE) })}
        </Button>
      </div>
    </div>
  );
}
