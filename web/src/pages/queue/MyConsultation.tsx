import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { QueueEntry } from "../../api/clinic-types";
import { Icon } from "../../parts/Icon";
import { LinkButton } from "../../parts/LinkButton";
import { minutesSince } from "./mine";
import classes from "./Queue.module.css";
import { UrgencyTag } from "./UrgencyTag";
import { useNow } from "./use-now";
import type { QueueActions } from "./use-queue-actions";

/** Whom the reader is seeing now, and what comes next. */
export function MyConsultation({ entry, actions }: { entry: QueueEntry; actions: QueueActions }) {
  const { t } = useTranslation();
  const now = useNow();
  const minutes = String(minutesSince(entry.started_at ?? entry.queued_at, now));
  return (
    <section className={classes.mine} aria-label={t("queue.mine")}>
      <div className={classes.words}>
        <span className={classes.mineLabel}>
          {t("queue.mine")} · {t("queue.since.consulting", { minutes })}
        </span>
        <span className={classes.nameLine}>
          <Link to="/patients/$patientId" params={{ patientId: entry.patient_id }} className={classes.mineName}>
            {entry.patient_name}
          </Link>
          <UrgencyTag urgency={entry.urgency} />
        </span>
        {entry.reason && <span className={classes.reason}>{entry.reason}</span>}
      </div>
      <div className={classes.rowButtons}>
        <LinkButton
          to="/"
          search={{ patient: entry.patient_id }}
          variant="default"
          size="md"
          leftSection={<Icon name="microphone" size={18} />}
        >
          {t("recorder.record")}
        </LinkButton>
        <Button
          size="md"
          variant="default"
          leftSection={<Icon name="check" size={18} />}
          aria-keyshortcuts="D"
          onClick={() => actions.act({ what: "complete", entry })}
        >
          {t("queue.complete")}
        </Button>
      </div>
    </section>
  );
}
