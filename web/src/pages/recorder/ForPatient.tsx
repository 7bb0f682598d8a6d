import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { patientQuery } from "../../api/queries";
import { asProblem } from "../../api/problem";
import { usePerson } from "../../parts/use-person";
import { ProblemNotice } from "../../parts/ProblemNotice";
import classes from "./ForPatient.module.css";

/** Whose visit is about to be recorded: the name has to be seen before the button is pressed. */
export function ForPatient({ patientId }: { patientId: string }) {
  const { t } = useTranslation();
  const { data, error } = useQuery(patientQuery(patientId));
  const person = usePerson();
  if (error && !asProblem(error).offline) return <ProblemNotice error={error} />;
  return (
    <div className={classes.who} role="status">
      <p>
        {t("recorder.forPatient")} <strong>{data?.name ?? "…"}</strong>
        {data && <span className={classes.facts}>{person(data)}</span>}
      </p>
      <Link to="/" search={{}}>
        {t("recorder.notForPatient")}
      </Link>
    </div>
  );
}
