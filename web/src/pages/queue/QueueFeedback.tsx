import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { queueQuery } from "../../api/queries";
import { Dialog } from "../../parts/Dialog";
import { Notice } from "../../parts/Notice";
import { ProblemNotice } from "../../parts/ProblemNotice";
import classes from "./Queue.module.css";
import type { QueueActions } from "./use-queue-actions";

/** What came of the last thing that was asked of the queue, when it was not simply done. */
export function QueueFeedback({ actions }: { actions: QueueActions }) {
  const { t } = useTranslation();
  const entries = useQuery(queueQuery).data?.items ?? [];
  const { seeing } = actions;
  const seen = entries.find((entry) => entry.entry_id === seeing?.entryId);
  return (
    <>
      {actions.nobody && (
        <Notice tone="calm" role="status" title={t("queue.nobody")}>
          {t("queue.nobodyText")}
        </Notice>
      )}
      {actions.error ? <ProblemNotice error={actions.error} /> : null}
      <Dialog
        opened={seeing !== null}
        title={t("queue.seeing", { name: seen?.patient_name ?? "" })}
        onClose={() => actions.answer(null)}
      >
        <p>{t("queue.seeingText")}</p>
        {seeing && (
          <div className={classes.choices}>
            <Button
              size="md"
              data-autofocus
              disabled={!seen}
              onClick={() => seen && actions.answer({ ...seeing.act, first: seen })}
            >
              {t("queue.finishFirst")}
            </Button>
            <Button size="md" variant="default" onClick={() => actions.answer({ ...seeing.act, another: true })}>
              {t("queue.seeBoth")}
            </Button>
            <Button size="md" variant="subtle" onClick={() => actions.answer(null)}>
              {t("app.cancel")}
            </Button>
          </div>
        )}
      </Dialog>
    </>
  );
}
