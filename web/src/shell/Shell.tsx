import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "../api/problem";
import { followServer, meQuery } from "../api/queries";
import { clock } from "../i18n/format";
import { SignInPage } from "../pages/SignInPage";
import { SignInStrip } from "../pages/SignInStrip";
import { setRegion } from "../parts/announce";
import { Icon } from "../parts/Icon";
import { recorder, useRecorder } from "../recorder/use-recorder";
import { SettingsMenu } from "./SettingsMenu";
import classes from "./Shell.module.css";
import { useUpdate } from "./use-update";

const ASK_AGAIN_MS = 10_000;

/** The frame around every page. */
export function Shell() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const recording = useRecorder();
  const me = useQuery({
    ...meQuery,
    // While the server is silent or does not know us, look again: the page recovers by itself.
    refetchInterval: (query) => (query.state.status === "error" ? ASK_AGAIN_MS : false),
  });
  const problem = me.error ? asProblem(me.error) : null;
  // While it is asked again nothing is known; what somebody types into the sign-in page must not vanish meanwhile.
  const [wasOut, setWasOut] = useState(false);
  const signedOut = problem ? problem.status === 401 : wasOut && !me.isSuccess;
  if (signedOut !== wasOut) setWasOut(signedOut);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const update = useUpdate();
  const shownPath = useRef(path);
  const signedIn = me.isSuccess;

  useEffect(() => (signedIn ? followServer(client) : undefined), [client, signedIn]);

  // The button that led to the next page is gone with its page: the keyboard goes on from the top of the new one.
  useEffect(() => {
    if (shownPath.current !== path && document.activeElement === document.body) {
      document.getElementById("content")?.focus({ preventScroll: true });
    }
    shownPath.current = path;
  }, [path]);

  // What asked before signing in got nothing: ask again.
  useEffect(() => {
    if (signedIn) void client.invalidateQueries({ predicate: (query) => query.state.status === "error" });
  }, [client, signedIn]);

  const busy = recording.phase !== "idle";
  return (
    <>
      <a className={classes.skip} href="#content">
        {t("app.skip")}
      </a>
      <header className={classes.header}>
        <div className={classes.bar}>
          <Link to="/" className={classes.brand}>
            <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width="28" height="28" />
            {t("app.name")}
          </Link>
          <nav className={classes.nav} aria-label={t("app.name")}>
            <Link to="/" className={classes.link} activeOptions={{ exact: true }}>
              {t("app.record")}
            </Link>
            <Link to="/engines" className={classes.link}>
              {t("app.machine")}
            </Link>
          </nav>
          <SettingsMenu me={me.data} />
        </div>
        {busy && path !== "/" && <RunningBar paused={recording.phase === "paused"} />}
        {signedOut && busy && <SignInStrip className={classes.strip} />}
        {problem?.offline && (
          <p className={classes.strip} data-tone="doubt" role="status">
            <Icon name="alert" size={18} /> {t("app.offline")}
          </p>
        )}
        {update.ready && !busy && (
          <div className={classes.strip} role="status">
            {t("app.updateReady")}
            <Button size="compact-sm" onClick={update.use}>
              {t("app.update")}
            </Button>
          </div>
        )}
      </header>
      <main id="content" className={classes.main} tabIndex={-1}>
        {signedOut && !busy ? <SignInPage /> : <Outlet />}
      </main>
      <div ref={setRegion} className={classes.unseen} role="status" aria-live="polite" />
    </>
  );
}

/** Shown on the other pages while a recording runs: nobody should forget it. */
function RunningBar({ paused }: { paused: boolean }) {
  const { t } = useTranslation();
  const time = useElapsed();
  return (
    <div className={classes.running}>
      <span className={classes.dot} data-paused={paused || undefined} />
      <span role="timer">{t(paused ? "app.pausedBar" : "app.recordingBar", { time })}</span>
      <Link to="/" className={classes.runningLink}>
        {t("app.backToRecorder")}
      </Link>
    </div>
  );
}

/** The time recorded so far, as a clock face. */
export function useElapsed(): string {
  const [shown, setShown] = useState(() => clock(recorder.elapsed / 1_000));
  const timer = useRef<ReturnType<typeof setInterval>>(undefined);
  useEffect(() => {
    timer.current = setInterval(() => setShown(clock(recorder.elapsed / 1_000)), 250);
    return () => clearInterval(timer.current);
  }, []);
  return shown;
}
