import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { changePatient } from "../../api/clinic-calls";
import type { Patient } from "../../api/clinic-types";
import { asProblem } from "../../api/problem";
import { patientQuery, patientsQuery } from "../../api/queries";
import { LinkButton } from "../../parts/LinkButton";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { toast } from "../../parts/toast";
import { useTitle } from "../../parts/use-title";
import { PageProblem, PageWaiting } from "../consultation/PageStates";
import { changesOf, errorsOf, formOf, today, type Form } from "./form";
import { PatientFields } from "./PatientFields";
import classes from "./Patients.module.css";

/** Corrects what is known of a patient. */
export function CorrectPage({ patientId }: { patientId: string }) {
  const { t } = useTranslation();
  // Asked for anew: a correction begins from what is true now, and is not changed under the hand that writes it.
  const query = useQuery({ ...patientQuery(patientId), queryKey: ["patient", patientId, "to-correct"], gcTime: 0, staleTime: Number.POSITIVE_INFINITY });
  useTitle(t("person.correct"));
  if (query.error && !query.data) return <PageProblem error={query.error} retry={() => void query.refetch()} />;
  return query.data ? <Correction key={query.data.etag} patient={query.data} /> : <PageWaiting />;
}

function Correction({ patient }: { patient: Patient }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [form, setForm] = useState<Form>(() => formOf(patient));
  const [tried, setTried] = useState(false);
  const [day] = useState(today);
  const errors = errorsOf(form, day);
  const here = { to: "/patients/$patientId", params: { patientId: patient.patient_id } } as const;
  const save = useMutation({
    mutationFn: () => changePatient(patient, changesOf(patient, form)),
    onSuccess: async (changed) => {
      client.setQueryData(patientQuery(patient.patient_id).queryKey, changed);
      await Promise.all([
        client.invalidateQueries({ queryKey: patientQuery(patient.patient_id).queryKey }),
        client.invalidateQueries({ queryKey: patientsQuery.queryKey }),
      ]);
      toast({ text: t("person.corrected") });
      await navigate(here);
    },
    onError: (error) => {
      if (asProblem(error).status !== 412) return;
      toast({ text: `${t("problem.stale")} ${t("problem.staleRemedy")}` });
      void client.invalidateQueries({ queryKey: ["patient", patient.patient_id, "to-correct"] });
    },
  });
  return (
    <div className={classes.narrow}>
      <h1>{t("person.correct")}</h1>
      <form
        className={classes.stack}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          const wrong = Object.keys(errors)[0];
          if (wrong) document.getElementById(`patient-${wrong}`)?.focus();
          else save.mutate();
        }}
      >
        <PatientFields form={form} errors={tried ? errors : {}} change={(fields) => setForm({ ...form, ...fields })} />
        {save.error && <ProblemNotice error={save.error} />}
        <div className={classes.buttons}>
          <Button type="submit" size="md" loading={save.isPending}>
            {t("app.save")}
          </Button>
          <LinkButton {...here} size="md" variant="default">
            {t("app.cancel")}
          </LinkButton>
        </div>
      </form>
    </div>
  );
}
