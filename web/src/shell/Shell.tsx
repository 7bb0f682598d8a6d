import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "../api/problem";
import type { ServerEvent } from "../api/events";
import { followServer, meQuery } from "../api/queries";
import { clock } from "../i18n/format";
import { SignInPage } from "../pages/SignInPage";
import { SignInStrip } from "../pages/SignInStrip";
import { setRegion } from "../parts/announce";
import { Icon } from "../parts/Icon";
import { toast } from "../parts/toast";
import { Toaster } from "../parts/Toaster";
import { recorder, useRecorder } from "../recorder/use-recorder";
import { Navigation } from "./Navigation";
import { noteForMe } from "./note-arrivals";
import { SettingsMenu } from "./SettingsMenu";
import classes from "./Shell.module.css";
import { useGoKeys } from "./use-go-keys";
import { useUpdate } from "./use-update";

const KeysHelp = lazy(async () => ({ default: (await import("../parts/KeysHelp")).KeysHelp }));
/** The screen that hangs on a wall has nothing but what it shows. */
const BARE = "/waiting-room";

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
  // Until we are known again, whatever the answers are meanwhile: what somebody types into the sign-in page must not vanish meanwhile.
  const [wasOut, setWasOut] = useState(false);
  const signedOut = !me.isSuccess && (problem?.status === 401 || wasOut);
  if (signedOut !== wasOut) setWasOut(signedOut);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const update = useUpdate();
  const shownPath = useRef(path);
  const signedIn = me.isSuccess;
  /** A screen on a wall: whatever address was opened on it, it shows its numbers and nothing else. */
  const screen = me.data?.role === "display" && !signedOut;

  const [helping, setHelping] = useState(false);
  const navigate = useNavigate();
  useGoKeys(
    {
      r: () => void navigate({ to: "/", search: {} }),
      q: () => void navigate({ to: "/queue" }),
      p: () => void navigate({ to: "/patients" }),
      m: () => void navigate({ to: "/engines" }),
    },
    { "?": () => setHelping(true), "/": () => void navigate({ to: "/patients" }) },
  );

  // A note that the reader waits for is told of wherever they are: with a link, and in words.
  const tellOfNote = useRef<(event: ServerEvent) => void>(() => {});
  useEffect(() => {
    tellOfNote.current = async (event) => {
      const note = await noteForMe(client, event, path, me.data?.user_id);
      if (!note) return;
      toast({
        text: t("app.noteArrived", { name: note.name }),
        action: (
          <Link to="/notes/$noteId" params={{ noteId: note.noteId }} onClick={() => toast(null)}>
            {t("app.openNote")}
          </Link>
        ),
      });
    };
  });
  useEffect(
    // A screen is not given the stream; it asks for its numbers itself.
    () => (signedIn && !screen ? followServer(client, (event) => tellOfNote.current(event)) : undefined),
    [client, signedIn, screen],
  );
  useEffect(() => {
    if (screen && path !== BARE) void navigate({ to: BARE, replace: true });
  }, [navigate, screen, path]);

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
  if (path === BARE && !signedOut) return <Outlet />;
  if (screen) return null;
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
          <Navigation />
          <SettingsMenu me={me.data} onKeys={() => setHelping(true)} />
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
      <Toaster />
      {helping && (
        <Suspense>
          <KeysHelp opened onClose={() => setHelping(false)} />
        </Suspense>
      )}
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
