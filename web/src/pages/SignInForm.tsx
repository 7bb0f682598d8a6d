import { Button, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { signIn } from "../api/access-calls";
import { signInOptionsQuery } from "../api/access-queries";
import { asProblem, type Problem } from "../api/problem";
import { meQuery } from "../api/queries";
import type { Me } from "../api/types";
import { clock } from "../i18n/format";
import { announce } from "../parts/announce";
import { Notice } from "../parts/Notice";
import { PasswordField } from "../parts/PasswordField";
import { ProblemNotice } from "../parts/ProblemNotice";
import { troubleOf } from "./sign-in-problem";
import classes from "./SignInForm.module.css";

/** Where the server sends the browser on to the clinic's own sign-in. */
const SINGLE_SIGN_ON = "/sign-in/provider";

/** Name and password, then the code of the second factor where there is one. What was open stays open. */
export function SignInForm({ onDone }: { onDone?: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const provider = useQuery(signInOptionsQuery).data?.single_sign_on?.name;
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [asksCode, setAsksCode] = useState(false);
  const [missing, setMissing] = useState(false);
  const nameField = useRef<HTMLInputElement>(null);
  const passwordField = useRef<HTMLInputElement>(null);
  const codeField = useRef<HTMLInputElement>(null);
  const wait = useWait();

  const enter = useMutation({
    mutationFn: signIn,
    onSuccess: (me) => {
      welcome(me);
      onDone?.();
      announce(t("signIn.done", { name: me.name }));
      // The form is gone with its focus: the keyboard goes on from the top of what was asked for.
      requestAnimationFrame(() => document.getElementById("content")?.focus({ preventScroll: true }));
    },
    onError: (error, tried) => {
      const problem = asProblem(error);
      if (problem.code === "second_factor") {
        setAsksCode(true);
        return;
      }
      const { waitMs } = troubleOf(problem, tried.code !== "");
      if (waitMs) wait.begin(waitMs);
      else if (problem.status === 401) (tried.code ? codeField : passwordField).current?.select();
    },
  });

  const welcome = (me: Me) => {
    const before = client.getQueryData(meQuery.queryKey);
    // Somebody else sits down at this browser: nothing of what the one before was shown is left.
    if (before && before.user_id !== me.user_id) {
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== meQuery.queryKey[0] });
    }
    client.setQueryData(meQuery.queryKey, me);
    // Or the page would say again, when one has signed out, that a link was used.
    history.replaceState(history.state, "", location.pathname);
  };

  const submit = () => {
    if (enter.isPending || wait.left > 0) return;
    const empty = asksCode ? !code.trim() && codeField : !name.trim() ? nameField : !password && passwordField;
    setMissing(Boolean(empty));
    if (empty) empty.current?.focus();
    else enter.mutate({ name: name.trim(), password, code: asksCode ? code.trim() : "" });
  };
  const startAgain = () => {
    setAsksCode(false);
    setCode("");
    setPassword("");
    setMissing(false);
    enter.reset();
  };

  const problem = enter.error ? asProblem(enter.error) : null;
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {problem && problem.code !== "second_factor" && (
        <Trouble problem={problem} hadCode={enter.variables?.code !== ""} left={wait.left} />
      )}
      {asksCode ? (
        <>
          <p className={classes.soft}>{t("signIn.codeFor", { name: name.trim() })}</p>
          <TextInput
            ref={codeField}
            label={t("signIn.code")}
            description={t("signIn.codeText")}
            name="code"
            size="md"
            autoFocus
            required
            withAsterisk={false}
            autoComplete="one-time-code"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={100}
            value={code}
            error={missing && !code.trim() ? t("signIn.codeNeeded") : null}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
        </>
      ) : (
        <>
          <TextInput
            ref={nameField}
            label={t("signIn.name")}
            name="username"
            size="md"
            required
            withAsterisk={false}
            autoComplete="username"
            autoCapitalize="none"
            autoCorrect="off"
            spellCheck={false}
            maxLength={200}
            value={name}
            error={missing && !name.trim() ? t("signIn.nameNeeded") : null}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <PasswordField
            ref={passwordField}
            label={t("signIn.password")}
            name="password"
            required
            withAsterisk={false}
            autoComplete="current-password"
            value={password}
            error={missing && name.trim() && !password ? t("signIn.passwordNeeded") : null}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        </>
      )}
      {/* Really disabled it would lose the focus while one waits. */}
      <Button
        type="submit"
        size="md"
        fullWidth
        loading={enter.isPending}
        data-disabled={wait.left > 0 || undefined}
        aria-disabled={wait.left > 0}
      >
        {t("signIn.enter")}
      </Button>
      {asksCode && (
        <Button variant="subtle" onClick={startAgain}>
          {t("signIn.startAgain")}
        </Button>
      )}
      {provider && !asksCode && (
        <>
          <p className={classes.or}>{t("signIn.or")}</p>
          <Button component="a" href={SINGLE_SIGN_ON} variant="default" size="md" fullWidth>
            {t("signIn.with", { provider })}
          </Button>
        </>
      )}
    </form>
  );
}

function Trouble({ problem, hadCode, left }: { problem: Problem; hadCode: boolean; left: number }) {
  const { t } = useTranslation();
  const { kind } = troubleOf(problem, hadCode);
  if (kind === "other") return <ProblemNotice error={problem} />;
  if (kind !== "waits") {
    return (
      <Notice tone="danger" role="alert" title={t(`signIn.${kind}`)}>
        {t(`signIn.${kind}Text`)}
      </Notice>
    );
  }
  if (left <= 0) return <Notice tone="calm" title={t("signIn.waited")} />;
  return (
    <Notice tone="doubt" role="alert" title={t("signIn.waits")}>
      <p>{t("signIn.waitsText")}</p>
      {/* Not read aloud each second: the alert was, and its end is. */}
      <p className={classes.timer} role="timer" aria-live="off">
        {t("signIn.waitsFor", { time: clock(left) })}
      </p>
    </Notice>
  );
}

/** A wait that counts itself down, in whole seconds; says when it is over. */
function useWait(): { left: number; begin: (milliseconds: number) => void } {
  const { t } = useTranslation();
  const [until, setUntil] = useState(0);
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (!until) return undefined;
    const look = () => {
      const seconds = Math.ceil((until - Date.now()) / 1_000);
      setLeft(Math.max(0, seconds));
      if (seconds > 0) return;
      setUntil(0);
      announce(t("signIn.waited"));
    };
    look();
    const timer = setInterval(look, 250);
    return () => clearInterval(timer);
  }, [until, t]);
  const begin = (milliseconds: number) => {
    setLeft(Math.ceil(milliseconds / 1_000));
    setUntil(Date.now() + milliseconds);
  };
  return { left, begin };
}
