import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { QueueEntry } from "../../api/clinic-types";
import { Card } from "../../parts/Card";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { toast } from "../../parts/toast";
import { useTitle } from "../../parts/use-title";
import { outbox, registrations } from "../../registration/use-outbox";
import { DuplicateWarning } from "./DuplicateWarning";
import { EMPTY, errorsOf, fromDraft, isEmpty, patientOf, today, type Form } from "./form";
import { PatientFields } from "./PatientFields";
import classes from "./Patients.module.css";
import { useDuplicates } from "./use-duplicates";
import { VisitFields } from "./VisitFields";
import { WaitingRegistrations } from "./WaitingRegistrations";

const KEEP_MS = 400;

/** Registers a patient, and puts them into the queue. What is typed survives a closed page and a missing network. */
export function RegisterPage() {
  const { t } = useTranslation();
  useTitle(t("register.title"));
  const draft = useQuery({
    queryKey: ["registration-draft"],
    queryFn: async () => fromDraft(await registrations.draft().catch(() => null)) ?? EMPTY,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <div className={classes.narrow}>
      <h1>{t("register.title")}</h1>
      <WaitingRegistrations />
      {draft.data ? <RegisterForm start={draft.data} /> : <Skeleton height={480} role="status" aria-label={t("app.loading")} />}
    </div>
  );
}

function RegisterForm({ start }: { start: Form }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const told = useArrival();
  const [form, setForm] = useState(start);
  const [tried, setTried] = useState(false);
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [day] = useState(today);
  const warning = useRef<HTMLDivElement>(null);
  const duplicates = useDuplicates(form);
  const errors = errorsOf(form, day);
  const done = useDraft(form);

  const change = (fields: Partial<Form>) => {
    setForm((before) => ({ ...before, ...fields }));
    setSure(false);
    setError(null);
  };
  const clear = () => {
    void done();
    setForm(EMPTY);
    setTried(false);
    document.getElementById("patient-name")?.focus();
  };
  const send = async (queued: boolean) => {
    setTried(true);
    const wrong = Object.keys(errors)[0];
    if (wrong) {
      document.getElementById(`patient-${wrong}`)?.focus();
      return;
    }
    if (!sure && duplicates.length > 0) {
      setSure(true); // they have been told: the next press means it
      warning.current?.focus();
      return;
    }
    setBusy(true);
    setError(null);
    try {
      const visit = queued ? { reason: form.reason.trim(), urgency: form.urgency } : null;
      const outcome = await outbox.add(patientOf(form), visit);
      if (outcome.kind === "refused") {
        setError(outcome.problem);
        return;
      }
      await done();
      if (outcome.kind === "kept") {
        setForm(EMPTY);
        setTried(false);
        toast({ text: t("register.kept", { name: form.name.trim() }) });
        await navigate({ to: "/patients" });
        return;
      }
      told(form.name.trim(), outcome.entry);
      if (queued) await navigate({ to: "/queue" });
      else await navigate({ to: "/patients/$patientId", params: { patientId: outcome.patientId } });
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      className={classes.stack}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void send(true);
      }}
    >
      <PatientFields form={form} errors={tried ? errors : {}} change={change} autoFocus />
      <Card title={t("register.visit")}>
        <VisitFields reason={form.reason} urgency={form.urgency} change={change} />
      </Card>
      <DuplicateWarning ref={warning} duplicates={duplicates} />
      {error ? <ProblemNotice error={error} /> : null}
      <div className={classes.buttons}>
        <Button type="submit" size="md" loading={busy}>
          {t(sure ? "register.anywayQueue" : "register.andQueue")}
        </Button>
        <Button variant="default" size="md" disabled={busy} onClick={() => void send(false)}>
          {t(sure ? "register.anyway" : "register.only")}
        </Button>
        {!isEmpty(form) && (
          <Button variant="subtle" size="md" disabled={busy} onClick={clear}>
            {t("register.clear")}
          </Button>
        )}
      </div>
    </form>
  );
}

/** Keeps what is typed in this browser; the answer forgets it. */
function useDraft(form: Form): () => Promise<void> {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const over = useRef(false);
  useEffect(() => {
    over.current = false;
    timer.current = setTimeout(() => {
      if (over.current) return;
      void (isEmpty(form) ? registrations.forgetDraft() : registrations.keepDraft(form)).catch(() => undefined);
    }, KEEP_MS);
    return () => clearTimeout(timer.current);
  }, [form]);
  return async () => {
    over.current = true;
    clearTimeout(timer.current);
    await registrations.forgetDraft().catch(() => undefined);
  };
}

/** Says that somebody is registered, and when their turn comes. */
function useArrival(): (name: string, entry: QueueEntry | null) => void {
  const { t } = useTranslation();
  return (name, entry) =>
    toast({
      text:
        entry && entry.position !== null
          ? t("queue.joined", {
              name,
              number: String(entry.number),
              position: String(entry.position),
              minutes: String(entry.estimated_wait ?? 0),
            })
          : t("register.done", { name }),
    });
}
