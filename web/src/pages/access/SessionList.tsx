import { Button, Skeleton } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Session } from "../../api/access-types";
import { useFormat } from "../../i18n/format";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { Tag } from "../../parts/StatusBadge";
import { browserOf } from "./agent";
import classes from "./rows.module.css";

/** To the minute the server knows when a browser last asked for something. */
const NOW_MS = 2 * 60_000;

interface SessionListProps {
  query: UseQueryResult<{ items: Session[] }>;
  ending: { error: unknown; isPending: boolean };
  /** Whether whose browser it is matters: for an admin it does. */
  named?: boolean;
  onEnd: (session: Session) => void;
}

/** Browsers that are signed in, the one used last first. */
export function SessionList({ query, ending, named, onEnd }: SessionListProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.form}>
      {query.isPending && <Skeleton height={120} role="status" aria-label={t("app.loading")} />}
      {query.error && <ProblemNotice error={query.error} retry={() => void query.refetch()} />}
      {ending.error ? <ProblemNotice error={ending.error} /> : null}
      {query.data && (
        <ul className={classes.rows}>
          {query.data.items.map((session) => (
            <Row
              key={session.session_id}
              session={session}
              now={query.dataUpdatedAt}
              named={named ?? false}
              busy={ending.isPending}
              onEnd={() => onEnd(session)}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

interface RowProps {
  session: Session;
  /** When the server told of it. */
  now: number;
  named: boolean;
  busy: boolean;
  onEnd: () => void;
}

function Row({ session, now, named, busy, onEnd }: RowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { browser, system } = browserOf(session.agent);
  const device = browser
    ? system
      ? t("account.browserOn", { browser, system })
      : browser
    : system || t("account.unknownBrowser");
  const seen = now - Date.parse(session.seen_at) < NOW_MS;
  return (
    <li className={classes.row}>
      <div className={classes.words}>
        <p className={classes.name}>
          {named ? session.name : device}
          {session.current && <Tag tone="good">{t("account.thisBrowser")}</Tag>}
        </p>
        <p className={classes.facts}>
          {[
            named && device,
            seen ? t("account.activeNow") : t("account.lastSeen", { time: format.moment(session.seen_at) }),
            t("account.since", { time: format.moment(session.created_at) }),
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
      </div>
      {!session.current && (
        <Button
          variant="default"
          disabled={busy}
          aria-label={t("account.endNamed", { name: named ? `${session.name}, ${device}` : device })}
          onClick={onEnd}
        >
          {t("account.end")}
        </Button>
      )}
    </li>
  );
}
