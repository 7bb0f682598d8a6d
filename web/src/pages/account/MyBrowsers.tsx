import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { endMySession } from "../../api/access-calls";
import { mySessionsQuery } from "../../api/access-queries";
import { announce } from "../../parts/announce";
import { SessionList } from "../access/SessionList";

/** Where the reader is signed in; any of them can be signed out from here. */
export function MyBrowsers() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery(mySessionsQuery);
  const end = useMutation({
    mutationFn: endMySession,
    onSuccess: () => announce(t("account.ended")),
    onSettled: () => client.invalidateQueries({ queryKey: mySessionsQuery.queryKey }),
  });
  return <SessionList query={query} ending={end} onEnd={(session) => end.mutate(session.session_id)} />;
}
