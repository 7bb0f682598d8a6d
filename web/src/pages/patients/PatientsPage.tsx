import { Skeleton, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Patient } from "../../api/clinic-types";
import { asProblem } from "../../api/problem";
import { patientsQuery, queueQuery, searchQuery } from "../../api/queries";
import { Card } from "../../parts/Card";
import { Icon } from "../../parts/Icon";
import { LinkButton } from "../../parts/LinkButton";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { Tag } from "../../parts/StatusBadge";
import { usePerson } from "../../parts/use-person";
import { useTitle } from "../../parts/use-title";
import classes from "./Patients.module.css";
import { WaitingRegistrations } from "./WaitingRegistrations";

const STILL_MS = 150;
const SHOWN = 20;

/** Finds a patient while typing, by name, phone or number; without words, those who were registered last. */
export function PatientsPage() {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [still] = useDebouncedValue(text.trim(), STILL_MS);
  const search = useQuery(searchQuery(still));
  const recent = useQuery(patientsQuery);
  const query = still ? search : recent;
  const found = (query.data?.items ?? []).slice(0, SHOWN);
  const problem = query.error && !asProblem(query.error).offline ? query.error : null;
  useTitle(t("patients.title"));
  return (
    <div className={classes.narrow}>
      <div className={classes.head}>
        <h1>{t("patients.title")}</h1>
        <LinkButton to="/patients/new" size="md" leftSection={<Icon name="plus" size={18} />}>
          {t("register.title")}
        </LinkButton>
      </div>
      <div className={classes.stack}>
        <WaitingRegistrations />
        <TextInput
          label={t("patients.find")}
          type="search"
          size="lg"
          value={text}
          maxLength={200}
          autoFocus
          autoComplete="off"
          leftSection={<Icon name="search" />}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={toFirstRow}
        />
        {problem ? <ProblemNotice error={problem} retry={() => void query.refetch()} /> : null}
        <Card title={t(still ? "patients.found" : "patients.recent")} tight>
          <div aria-busy={query.isFetching} role="status" className={classes.unseen}>
            {still && search.isSuccess && !search.isPlaceholderData ? t("patients.count", { count: found.length }) : ""}
          </div>
          {query.isPending && !problem && <Skeleton height={180} />}
          {query.isSuccess && found.length === 0 && (
            <div className={classes.empty}>
              <strong>{t(still ? "patients.none" : "patients.empty")}</strong>
              <p>{t(still ? "patients.noneText" : "patients.emptyText")}</p>
            </div>
          )}
          <ul className={classes.list}>
            {found.map((patient) => (
              <Row key={patient.patient_id} patient={patient} />
            ))}
          </ul>
        </Card>
      </div>
    </div>
  );
}

/** Down or Enter in the field goes to what was found: from there the keyboard goes on. */
function toFirstRow(event: KeyboardEvent<HTMLInputElement>) {
  if (event.key !== "ArrowDown" && event.key !== "Enter") return;
  const first = document.querySelector<HTMLElement>(`.${classes.person}`);
  if (!first) return;
  event.preventDefault();
  first.focus();
}

function Row({ patient }: { patient: Patient }) {
  const { t } = useTranslation();
  const person = usePerson();
  const queue = useQuery(queueQuery).data?.items ?? [];
  const entry = queue.find((one) => one.patient_id === patient.patient_id);
  const numbers = [patient.phone, ...patient.identifiers.map((one) => one.value)].filter(Boolean);
  return (
    <li>
      <Link to="/patients/$patientId" params={{ patientId: patient.patient_id }} className={classes.person}>
        <span className={classes.words}>
          <span className={classes.name}>{patient.name}</span>
          <span className={classes.soft}>{[person(patient), ...numbers].filter(Boolean).join(" · ")}</span>
        </span>
        {entry && <Tag tone="calm">{t("patients.queued", { number: String(entry.number) })}</Tag>}
        <Icon name="chevron" size={18} />
      </Link>
    </li>
  );
}
