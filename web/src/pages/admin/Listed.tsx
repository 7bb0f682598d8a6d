import { Skeleton } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Card } from "../../parts/Card";
import { ProblemNotice } from "../../parts/ProblemNotice";
import classes from "../access/rows.module.css";

interface ListedProps<Item> {
  title: string;
  /** When it was answered is the time by which its items are judged. */
  query: UseQueryResult<{ items: Item[] }>;
  /** Which of them are over: they are put away below the others. */
  ended: (item: Item, now: number) => boolean;
  empty: string;
  renderRow: (item: Item, now: number) => ReactNode;
}

/** A list of the clinic's: waiting, refused, empty or there; what has ended is out of the way but can be seen. */
export function Listed<Item>({ title, query, ended, empty, renderRow }: ListedProps<Item>) {
  const { t } = useTranslation();
  const items = query.data?.items ?? [];
  const now = query.dataUpdatedAt;
  const [open, over] = [items.filter((one) => !ended(one, now)), items.filter((one) => ended(one, now))];
  return (
    <Card title={title}>
      {query.isPending && <Skeleton height={160} role="status" aria-label={t("app.loading")} />}
      {query.error && <ProblemNotice error={query.error} retry={() => void query.refetch()} />}
      {query.data && open.length === 0 && <p className={classes.soft}>{empty}</p>}
      {open.length > 0 && <ul className={classes.rows}>{open.map((one) => renderRow(one, now))}</ul>}
      {over.length > 0 && (
        <details className={classes.ended}>
          <summary>{t("admin.ended", { count: over.length })}</summary>
          <ul className={classes.rows}>{over.map((one) => renderRow(one, now))}</ul>
        </details>
      )}
    </Card>
  );
}
