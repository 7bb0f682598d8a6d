import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useEffect, useState } from "react";
import { asProblem } from "../../api/problem";
import { meQuery, numbersQuery } from "../../api/queries";
import { useFormat } from "../../i18n/format";
import { useTitle } from "../../parts/use-title";
import classes from "./WaitingRoom.module.css";

const SHOWN = 8;
const CLOCK_MS = 5_000;

/** The screen on the wall: whose number is called and who comes next. Numbers only, to be read from five metres. */
export function WaitingRoomPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(numbersQuery);
  const now = useClock();
  useTitle(t("room.title"));
  // Let in no more: whoever shows who is signed in asks again, and the sign-in page comes.
  const client = useQueryClient();
  const refused = query.error !== null && asProblem(query.error).status === 401;
  useEffect(() => {
    if (refused) void client.invalidateQueries({ queryKey: meQuery.queryKey });
  }, [client, refused]);
  const called = query.data?.called ?? [];
  const waiting = query.data?.waiting ?? [];
  return (
    <main className={classes.room} id="content">
      <h1 className={classes.unseen}>{t("room.title")}</h1>
      <section className={classes.called} aria-labelledby="room-called" data-some={called.length > 0 || undefined}>
        <h2 id="room-called">{t("room.called")}</h2>
        <div role="status" aria-live="polite">
          {called.length > 0 ? (
            <ul className={classes.calledNumbers} data-many={called.length > 1 || undefined}>
              {called.slice(0, SHOWN).map((number) => (
                <li key={number}>{number}</li>
              ))}
            </ul>
          ) : (
            <p className={classes.quiet}>{t(query.isSuccess ? "room.nobody" : "app.loading")}</p>
          )}
        </div>
      </section>
      <section className={classes.next} aria-labelledby="room-next">
        <h2 id="room-next">{t("room.next")}</h2>
        {waiting.length > 0 ? (
          <ol className={classes.nextNumbers}>
            {waiting.slice(0, SHOWN).map((number) => (
              <li key={number}>{number}</li>
            ))}
            {waiting.length > SHOWN && <li className={classes.more}>+{waiting.length - SHOWN}</li>}
          </ol>
        ) : (
          <p className={classes.quiet}>{t("room.noneWaiting")}</p>
        )}
      </section>
      <footer className={classes.foot}>
        <span>{query.isError ? t("room.stale") : t("room.hint")}</span>
        <time>{format.time(now)}</time>
      </footer>
    </main>
  );
}

function useClock(): string {
  const [now, setNow] = useState(() => new Date().toISOString());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date().toISOString()), CLOCK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
