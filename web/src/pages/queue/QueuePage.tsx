import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { QueueEntry, QueueStatus } from "../../api/clinic-types";
import { asProblem } from "../../api/problem";
import { meQuery, queueQuery } from "../../api/queries";
import { Card } from "../../parts/Card";
import { Icon } from "../../parts/Icon";
import { LinkButton } from "../../parts/LinkButton";
import { Keys } from "../../parts/Keys";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { useKeys } from "../../parts/use-keys";
import { useTitle } from "../../parts/use-title";
import { WaitingRegistrations } from "../patients/WaitingRegistrations";
import { MyConsultation } from "./MyConsultation";
import classes from "./Queue.module.css";
import { QueueFeedback } from "./QueueFeedback";
import { QueueRow } from "./QueueRow";
import { chosenEntry, moveChoice } from "./choosing";
import { mineOf } from "./mine";
import { useQueueActions } from "./use-queue-actions";

const GROUPS: readonly QueueStatus[] = ["called", "waiting", "consulting"];

/** Who is seen, who was called, who waits: kept current by the server. */
export function QueuePage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const query = useQuery(queueQuery);
  const me = useQuery(meQuery).data;
  const actions = useQueueActions();
  const entries = query.data?.items ?? [];
  const mine = mineOf(entries, me?.user_id);
  const others = entries.filter((entry) => !mine.includes(entry));
  const doctor = me?.role === "doctor";
  const waiting = entries.filter((entry) => entry.status === "waiting").length;
  useTitle(waiting > 0 ? t("queue.titleCount", { count: waiting }) : t("queue.title"));

  const next = () => actions.act({ what: "start", entry: null, ...(mine[0] ? { first: mine[0] } : {}) });
  const call = (entry: QueueEntry | null) => actions.act({ what: "call", entry });
  const chosen = (...statuses: QueueStatus[]) => {
    const entry = chosenEntry(others);
    return entry && statuses.includes(entry.status) ? entry : null;
  };
  const onChosen = (does: (entry: QueueEntry) => void, ...statuses: QueueStatus[]) => () => {
    const entry = chosen(...statuses);
    if (entry) does(entry);
  };
  useKeys({
    j: () => moveChoice(1),
    k: () => moveChoice(-1),
    arrowdown: () => moveChoice(1),
    arrowup: () => moveChoice(-1),
    n: next,
    c: () => call(chosen("waiting")),
    s: () => actions.act({ what: "start", entry: chosen("waiting", "called") }),
    d: mine[0] && (() => mine[0] && actions.act({ what: "complete", entry: mine[0] })),
    x: onChosen((entry) => actions.act({ what: "cancel", entry }), "waiting", "called"),
    a: () => void navigate({ to: "/patients/new" }),
  });

  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1>{t("queue.title")}</h1>
        <div className={classes.headButtons}>
          <LinkButton to="/patients/new" variant="default" size="md" leftSection={<Icon name="plus" size={18} />}>
            {t("register.title")}
          </LinkButton>
          {doctor ? (
            <Button size="md" onClick={next} loading={actions.busy} aria-keyshortcuts="N">
              {t(mine[0] ? "queue.finishAndNext" : "queue.next")}
            </Button>
          ) : (
            <Button size="md" onClick={() => call(null)} loading={actions.busy} aria-keyshortcuts="C">
              {t("queue.callNext")}
            </Button>
          )}
        </div>
      </header>
      <WaitingRegistrations />
      <QueueFeedback actions={actions} />
      {query.error && !asProblem(query.error).offline && (
        <ProblemNotice error={query.error} retry={() => void query.refetch()} />
      )}
      {mine.map((entry) => (
        <MyConsultation key={entry.entry_id} entry={entry} actions={actions} />
      ))}
      {query.isPending && <Skeleton height={240} role="status" aria-label={t("app.loading")} />}
      {query.isSuccess && others.length === 0 && (
        <Card>
          <div className={classes.empty}>
            <strong>{t("queue.empty")}</strong>
            <p>{t("queue.emptyText")}</p>
            <Link to="/patients">{t("queue.emptyFind")}</Link>
          </div>
        </Card>
      )}
      {GROUPS.map((status) => {
        const rows = others.filter((entry) => entry.status === status);
        return (
          rows.length > 0 && (
            <Card key={status} title={t(`queue.group.${status as "waiting"}`)} tight>
              <ol className={classes.list}>
                {rows.map((entry) => (
                  <QueueRow key={entry.entry_id} entry={entry} actions={actions} doctor={doctor} />
                ))}
              </ol>
            </Card>
          )
        );
      })}
      <div className={classes.foot}>
        <Keys hint="queue.keys" />
        <Link to="/waiting-room">{t("room.title")}</Link>
      </div>
    </div>
  );
}
