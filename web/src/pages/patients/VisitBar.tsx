import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { QueueEntry } from "../../api/clinic-types";
import { Icon } from "../../parts/Icon";
import { LinkButton } from "../../parts/LinkButton";
import { minutesSince } from "../queue/mine";
import { UrgencyTag } from "../queue/UrgencyTag";
import type { QueueActions } from "../queue/use-queue-actions";
import { useNow } from "../queue/use-now";
import classes from "./PatientPage.module.css";

interface VisitBarProps {
  patientId: string;
  entry: QueueEntry | null;
  /** The reader's own consultation with this patient. */
  mine: QueueEntry | null;
  doctor: boolean;
  actions: QueueActions;
  onNext: () => void;
  onJoin: () => void;
}

/** Where the visit stands, and its next step as the one filled button. */
export function VisitBar({ patientId, entry, mine, doctor, actions, onNext, onJoin }: VisitBarProps) {
  const { t } = useTranslation();
  const now = useNow();
  const record = (
    <LinkButton
      to="/"
      search={{ patient: patientId }}
      size="md"
      variant={mine || (entry === null && doctor) ? "filled" : "default"}
      leftSection={<Icon name="microphone" size={18} />}
      aria-keyshortcuts="R"
    >
      {t("person.record")}
    </LinkButton>
  );
  return (
    <section className={classes.visit} aria-label={t("person.visit")} data-mine={mine ? true : undefined}>
      <div className={classes.state}>
        {entry ? (
          <>
            <span>
              <strong>{t("queue.numberIs", { number: String(entry.number) })}</strong> ·{" "}
              {entry.status === "waiting"
                ? t("person.waiting", { position: String(entry.position ?? 1), minutes: String(entry.estimated_wait ?? 0) })
                : entry.status === "called"
                  ? t("person.called")
                  : t(mine ? "person.withYou" : "person.withOther", {
                      minutes: String(minutesSince(entry.started_at ?? entry.queued_at, now)),
                    })}
            </span>
            <UrgencyTag urgency={entry.urgency} />
            {entry.reason && <span className={classes.reason}>{entry.reason}</span>}
          </>
        ) : (
          <span>{t("person.notQueued")}</span>
        )}
      </div>
      <div className={classes.buttons}>
        {!entry && (
          <Button size="md" variant={doctor ? "default" : "filled"} onClick={onJoin} aria-keyshortcuts="Q">
            {t("person.queue")}
          </Button>
        )}
        {entry && entry.status === "waiting" && !doctor && (
          <Button size="md" onClick={() => actions.act({ what: "call", entry })} loading={actions.busy}>
            {t("queue.call")}
          </Button>
        )}
        {entry && entry.status !== "consulting" && (
          <Button
            size="md"
            variant={doctor ? "filled" : "default"}
            onClick={() => actions.act({ what: "start", entry })}
            loading={actions.busy}
            aria-keyshortcuts="S"
          >
            {t("queue.start")}
          </Button>
        )}
        {entry?.status === "called" && (
          <Button size="md" variant="default" onClick={() => actions.act({ what: "noShow", entry })}>
            {t("queue.noShow")}
          </Button>
        )}
        {record}
        {mine && (
          <Button size="md" variant="default" onClick={() => actions.act({ what: "complete", entry: mine })} aria-keyshortcuts="D">
            {t("queue.complete")}
          </Button>
        )}
        {doctor && (!entry || mine) && (
          <Button size="md" variant="default" onClick={onNext} loading={actions.busy} aria-keyshortcuts="N" rightSection={<Icon name="chevron" size={18} />}>
            {t(mine ? "queue.finishAndNext" : "queue.next")}
          </Button>
        )}
      </div>
    </section>
  );
}
