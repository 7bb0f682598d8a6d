import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { endSession } from "../../api/access-calls";
import { allSessionsQuery } from "../../api/access-queries";
import { announce } from "../../parts/announce";
import { Card } from "../../parts/Card";
import { SessionList } from "../access/SessionList";
import rows from "../access/rows.module.css";

/** Everybody's browsers that are signed in; any of them can be signed out. */
export function SessionsPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery(allSessionsQuery);
  const end = useMutation({
    mutationFn: endSession,
    onSuccess: () => announce(t("account.ended")),
    onSettled: () => client.invalidateQueries({ queryKey: allSessionsQuery.queryKey }),
  });
  return (
    <>
      <p className={rows.soft}>{t("admin.sessions.text")}</p>
      <Card title={t("admin.sessions.title")}>
        <SessionList named query={query} ending={end} onEnd={(session) => end.mutate(session.session_id)} />
      </Card>
    </>
  );
}
