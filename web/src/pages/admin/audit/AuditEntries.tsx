import { Button, Skeleton } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { searchAudit } from "../../../api/access-calls";
import { peopleQuery } from "../../../api/access-queries";
import { announce } from "../../../parts/announce";
import { ProblemNotice } from "../../../parts/ProblemNotice";
import classes from "./Audit.module.css";
import { EntryRow } from "./EntryRow";
import { bodyOf, type Sought } from "./wording";

/**
 * What was found, newest first, a page at a time. It is asked for once, since each search is an entry: whoever wants to
 * look again presses Search again, which is the next `search`.
 */
export function AuditEntries({ sought, search }: { sought: Sought; search: number }) {
  const { t } = useTranslation();
  const list = useRef<HTMLUListElement>(null);
  const query = useInfiniteQuery({
    queryKey: ["audit", sought, search],
    queryFn: ({ pageParam }) => searchAudit(bodyOf(sought), pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
    gcTime: 0,
    staleTime: "static",
  });
  const people = useQuery(peopleQuery).data?.items ?? [];
  const entries = query.data?.pages.flatMap((page) => page.items) ?? [];
  const count = entries.length;
  useEffect(() => {
    if (count > 0) announce(t("admin.audit.shown", { count }));
  }, [t, count]);
  const more = async () => {
    await query.fetchNextPage();
    // The button may be gone with the last page; the keyboard goes on where the reader does.
    requestAnimationFrame(() => list.current?.children[count]?.querySelector("summary")?.focus());
  };
  return (
    <>
      {query.isPending && <Skeleton height={320} role="status" aria-label={t("app.loading")} />}
      {query.isSuccess && count === 0 && (
        <div className={classes.empty} role="status">
          <strong>{t("admin.audit.empty")}</strong>
          <p>{t("admin.audit.emptyText")}</p>
        </div>
      )}
      {count > 0 && (
        <ul ref={list} className={classes.entries} aria-label={t("admin.audit.found")}>
          {entries.map((entry) => (
            <EntryRow
              key={entry.audit_id}
              entry={entry}
              knownAs={people.find((one) => one.user_id === entry.user_id)?.name}
            />
          ))}
        </ul>
      )}
      {query.error && (
        <ProblemNotice error={query.error} retry={() => void (count > 0 ? more() : query.refetch())} />
      )}
      {query.hasNextPage && !query.error && (
        <Button variant="subtle" fullWidth onClick={() => void more()} loading={query.isFetchingNextPage}>
          {t("admin.audit.more")}
        </Button>
      )}
    </>
  );
}
