import { Button, Skeleton } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { asProblem } from "../../api/problem";
import { recordingsQuery } from "../../api/queries";
import type { Recording } from "../../api/types";
import { useFormat } from "../../i18n/format";
import { Card } from "../../parts/Card";
import { Icon } from "../../parts/Icon";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { StatusBadge, Tag } from "../../parts/StatusBadge";
import { useRecordingTitle } from "../../parts/use-recording-title";
import classes from "./RecentRecordings.module.css";

/** What was recorded, newest first. */
export function RecentRecordings() {
  const { t } = useTranslation();
  const query = useInfiniteQuery(recordingsQuery);
  const recordings = query.data?.pages.flatMap((page) => page.items) ?? [];
  const silent = query.error && (asProblem(query.error).offline || asProblem(query.error).status === 401);
  return (
    <Card title={t("list.title")}>
      {query.isPending && (
        <div className={classes.loading} role="status" aria-label={t("app.loading")}>
          <Skeleton height={56} />
          <Skeleton height={56} />
          <Skeleton height={56} />
        </div>
      )}
      {query.error && !silent && (
        <ProblemNotice title={t("list.failed")} error={query.error} retry={() => void query.refetch()} />
      )}
      {silent && recordings.length === 0 && <p className={classes.empty}>{t("problem.offline")}</p>}
      {query.isSuccess && recordings.length === 0 && (
        <div className={classes.empty}>
          <strong>{t("list.empty")}</strong>
          <p>{t("list.emptyText")}</p>
        </div>
      )}
      {recordings.length > 0 && (
        <ul className={classes.list}>
          {recordings.map((recording) => (
            <Row key={recording.recording_id} recording={recording} />
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <Button variant="subtle" fullWidth onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
          {t("list.more")}
        </Button>
      )}
    </Card>
  );
}

function Row({ recording }: { recording: Recording }) {
  const { t } = useTranslation();
  const format = useFormat();
  const title = useRecordingTitle()(recording);
  const facts = [
    format.moment(recording.created_at),
    recording.duration > 0 && format.stretch(recording.duration),
    recording.patient_name || (!recording.sample && t("list.unfiled")),
  ].filter(Boolean);
  return (
    <li>
      <Link to="/recordings/$recordingId" params={{ recordingId: recording.recording_id }} className={classes.row}>
        <span className={classes.words}>
          <span className={classes.name}>
            {title}
            {recording.sample && (
              <>
                {" "}
                <Tag tone="plain">{t("list.sample")}</Tag>
              </>
            )}
          </span>
          <span className={classes.facts}>{facts.join(" · ")}</span>
        </span>
        <span className={classes.state}>
          <StatusBadge status={recording.status} />
        </span>
        <Icon name="chevron" size={18} />
      </Link>
    </li>
  );
}
