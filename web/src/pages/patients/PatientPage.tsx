import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { meQuery, patientQuery, queueQuery } from "../../api/queries";
import { Icon } from "../../parts/Icon";
import { Keys } from "../../parts/Keys";
import { LinkButton } from "../../parts/LinkButton";
import { useKeys } from "../../parts/use-keys";
import { usePerson } from "../../parts/use-person";
import { useTitle } from "../../parts/use-title";
import { PageProblem, PageWaiting } from "../consultation/PageStates";
import { mineOf } from "../queue/mine";
import { QueueFeedback } from "../queue/QueueFeedback";
import { useQueueActions } from "../queue/use-queue-actions";
import { JoinDialog } from "./JoinDialog";
import { NotesList } from "./NotesList";
import classes from "./PatientPage.module.css";
import { SummaryRail } from "./SummaryRail";
import { VisitBar } from "./VisitBar";

/** One patient: who they are, what is known at one look, their notes, and the visit that is under way. */
export function PatientPage({ patientId }: { patientId: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const query = useQuery(patientQuery(patientId));
  const me = useQuery(meQuery).data;
  const entries = useQuery(queueQuery).data?.items ?? [];
  const actions = useQueueActions();
  const person = usePerson();
  const [joining, setJoining] = useState(false);
  const patient = query.data;
  useTitle(patient?.name ?? t("app.loading"));

  const entry = entries.find((one) => one.patient_id === patientId) ?? null;
  const seen = mineOf(entries, me?.user_id);
  const here = seen.find((one) => one.patient_id === patientId);
  const first = here ?? seen[0];
  const next = () => actions.act({ what: "start", entry: null, ...(first ? { first } : {}) });
  const record = () => void navigate({ to: "/", search: { patient: patientId } });
  useKeys({
    r: record,
    e: () => void navigate({ to: "/patients/$patientId/edit", params: { patientId } }),
    n: next,
    d: here && (() => actions.act({ what: "complete", entry: here })),
    s: entry && entry.status !== "consulting" ? () => actions.act({ what: "start", entry }) : undefined,
    q: entry ? undefined : () => setJoining(true),
  });

  if (!patient) {
    return query.error ? <PageProblem error={query.error} retry={() => void query.refetch()} /> : <PageWaiting />;
  }
  const numbers = [patient.phone, ...patient.identifiers.map((one) => `${labelOf(one.system)} ${one.value}`)];
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <Link to="/patients" className={classes.back}>
          <Icon name="back" size={18} />
          {t("patients.title")}
        </Link>
        <div className={classes.titleRow}>
          <h1>{patient.name}</h1>
          <LinkButton
            to="/patients/$patientId/edit"
            params={{ patientId }}
            variant="default"
            size="sm"
            leftSection={<Icon name="pencil" size={18} />}
            aria-keyshortcuts="E"
          >
            {t("person.correct")}
          </LinkButton>
        </div>
        <p className={classes.facts}>{[person(patient), ...numbers].filter(Boolean).join(" · ")}</p>
      </header>
      <VisitBar
        patientId={patientId}
        entry={entry}
        mine={here ?? null}
        doctor={me?.role === "doctor"}
        actions={actions}
        onNext={next}
        onJoin={() => setJoining(true)}
      />
      <QueueFeedback actions={actions} />
      <div className={classes.columns}>
        <SummaryRail patientId={patientId} />
        <NotesList patientId={patientId} />
      </div>
      <Keys hint="person.keys" />
      <JoinDialog patient={patient} opened={joining} onClose={() => setJoining(false)} />
    </div>
  );
}

/** What a numbering system is called on a card. */
function labelOf(system: string): string {
  return { nhi: "NHI", abha: "ABHA", aadhaar_last4: "Aadhaar …" }[system] ?? "";
}
