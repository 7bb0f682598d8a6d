import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { peopleQuery } from "../../../api/access-queries";
import { Card } from "../../../parts/Card";
import { Icon } from "../../../parts/Icon";
import { ProblemNotice } from "../../../parts/ProblemNotice";
import rows from "../../access/rows.module.css";
import classes from "./Audit.module.css";
import { PatientField, type ChosenPatient } from "./PatientField";
import { ACTIONS, EVERYTHING, type Sought } from "./wording";

type Code = keyof typeof ACTIONS;
const CODES = Object.keys(ACTIONS) as Code[];

/** What to look for. It is asked for when told to, not while typing: each search leaves an entry. */
export function AuditForm({ onSearch }: { onSearch: (sought: Sought) => void }) {
  const { t } = useTranslation();
  const people = useQuery(peopleQuery);
  const [patient, setPatient] = useState<ChosenPatient | null>(null);
  const [typed, setTyped] = useState("");
  const [rest, setRest] = useState(EVERYTHING);
  const [tried, setTried] = useState(false);
  const change = (changed: Partial<Sought>) => setRest((before) => ({ ...before, ...changed }));
  const backwards = rest.from !== "" && rest.to !== "" && rest.to < rest.from;
  const undecided = !patient && typed.trim() !== "";
  return (
    <Card>
      <form
        className={rows.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (!backwards && !undecided) onSearch({ ...rest, patientId: patient?.id ?? null });
        }}
      >
        <PatientField
          chosen={patient}
          text={typed}
          error={tried && undecided ? t("admin.audit.chooseOne") : null}
          onText={setTyped}
          onChoose={(one) => {
            setPatient(one);
            setTyped("");
          }}
        />
        <div className={classes.fields}>
          <NativeSelect
            label={t("admin.audit.person")}
            size="md"
            value={rest.userId ?? ""}
            onChange={(event) => change({ userId: event.currentTarget.value || null })}
            data={[
              { value: "", label: t("admin.audit.anybody") },
              ...(people.data?.items ?? []).map((one) => ({ value: one.user_id, label: one.name })),
            ]}
          />
          <NativeSelect
            label={t("admin.audit.action")}
            size="md"
            value={rest.action ?? ""}
            onChange={(event) => change({ action: (event.currentTarget.value || null) as Code | null })}
            data={[
              { value: "", label: t("admin.audit.anything") },
              ...CODES.map((code) => ({ value: code, label: t(`admin.audit.actions.${ACTIONS[code]}`) })),
            ]}
          />
          <TextInput
            label={t("admin.audit.from")}
            type="date"
            size="md"
            value={rest.from}
            onChange={(event) => change({ from: event.currentTarget.value })}
          />
          <TextInput
            label={t("admin.audit.to")}
            type="date"
            size="md"
            value={rest.to}
            error={tried && backwards ? t("admin.audit.backwards") : null}
            onChange={(event) => change({ to: event.currentTarget.value })}
          />
        </div>
        {people.error && <ProblemNotice error={people.error} retry={() => void people.refetch()} />}
        <div className={rows.buttons}>
          <Button type="submit" size="md" leftSection={<Icon name="search" size={18} />}>
            {t("admin.audit.search")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
