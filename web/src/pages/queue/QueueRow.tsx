import { ActionIcon, Button, Menu } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { QueueEntry } from "../../api/clinic-types";
import { Icon } from "../../parts/Icon";
import classes from "./Queue.module.css";
import { UrgencyTag } from "./UrgencyTag";
import { useNow } from "./use-now";
import { minutesSince } from "./mine";
import type { QueueActions } from "./use-queue-actions";

interface QueueRowProps {
  entry: QueueEntry;
  actions: QueueActions;
  doctor: boolean;
}

/** One patient in the queue: the number that is called, who and why, how long, and what to do. */
export function QueueRow({ entry, actions, doctor }: QueueRowProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const now = useNow();
  const { status } = entry;
  const since = status === "waiting" ? entry.waiting_since : status === "called" ? entry.called_at : entry.started_at;
  const minutes = since ? minutesSince(since, now) : 0;
  const facts = [
    minutes > 0 ? t(`queue.since.${status as "waiting"}`, { minutes: String(minutes) }) : t("queue.justNow"),
    entry.position !== null && t("queue.position", { position: String(entry.position) }),
    entry.estimated_wait !== null && t("queue.wait", { minutes: String(entry.estimated_wait) }),
  ].filter(Boolean);
  const start = (
    <Button size="sm" variant={doctor && status === "called" ? "filled" : "default"} onClick={() => actions.act({ what: "start", entry })}>
      {t("queue.start")}
    </Button>
  );
  return (
    <li className={classes.row} data-entry={entry.entry_id} data-urgency={entry.urgency}>
      <span className={classes.number}>
        <span className={classes.unseen}>{t("queue.number")} </span>
        {entry.number}
      </span>
      <div className={classes.words}>
        <span className={classes.nameLine}>
          <Link to="/patients/$patientId" params={{ patientId: entry.patient_id }} className={classes.name} data-row>
            {entry.patient_name}
          </Link>
          <UrgencyTag urgency={entry.urgency} />
        </span>
        {entry.reason && <span className={classes.reason}>{entry.reason}</span>}
        <span className={classes.facts}>{facts.join(" · ")}</span>
      </div>
      <div className={classes.rowButtons}>
        {status === "waiting" && !doctor && (
          <Button size="sm" onClick={() => actions.act({ what: "call", entry })}>
            {t("queue.call")}
          </Button>
        )}
        {(status === "called" || (status === "waiting" && doctor)) && start}
        {status === "called" && (
          <Button size="sm" variant="default" onClick={() => actions.act({ what: "noShow", entry })}>
            {t("queue.noShow")}
          </Button>
        )}
        <Menu position="bottom-end" shadow="md" withinPortal={false} withInitialFocusPlaceholder={false}>
          <Menu.Target>
            <ActionIcon variant="default" size={36} aria-label={t("queue.more", { name: entry.patient_name })}>
              <Icon name="more" />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={<Icon name="microphone" size={18} />}
              onClick={() => void navigate({ to: "/", search: { patient: entry.patient_id } })}
            >
              {t("person.record")}
            </Menu.Item>
            {status === "waiting" && doctor && (
              <Menu.Item onClick={() => actions.act({ what: "call", entry })}>{t("queue.call")}</Menu.Item>
            )}
            {status === "waiting" && !doctor && (
              <Menu.Item onClick={() => actions.act({ what: "start", entry })}>{t("queue.start")}</Menu.Item>
            )}
            {status === "called" && (
              <Menu.Item leftSection={<Icon name="undo" size={18} />} onClick={() => actions.act({ what: "again", entry })}>
                {t("queue.uncall")}
              </Menu.Item>
            )}
            {status === "consulting" && (
              <Menu.Item leftSection={<Icon name="check" size={18} />} onClick={() => actions.act({ what: "complete", entry })}>
                {t("queue.complete")}
              </Menu.Item>
            )}
            {status !== "consulting" && (
              <Menu.Item leftSection={<Icon name="trash" size={18} />} onClick={() => actions.act({ what: "cancel", entry })}>
                {t("queue.cancel")}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      </div>
    </li>
  );
}
