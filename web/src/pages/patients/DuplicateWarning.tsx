import { Link } from "@tanstack/react-router";
import type { Ref } from "react";
import { useTranslation } from "react-i18next";
import type { Duplicates } from "../../api/clinic-types";
import { Notice } from "../../parts/Notice";
import { usePerson } from "../../parts/use-person";
import classes from "./Patients.module.css";

/** Who may be the same person, and why: one person with two records is a danger. */
export function DuplicateWarning({ duplicates, ref }: { duplicates: Duplicates["items"]; ref: Ref<HTMLDivElement> }) {
  const { t } = useTranslation();
  const person = usePerson();
  return (
    <div ref={ref} tabIndex={-1} role="status" aria-label={t("register.duplicate")} className={classes.warning}>
      {duplicates.length > 0 && (
        <Notice tone="doubt" title={t("register.duplicate")}>
          <ul className={classes.candidates}>
            {duplicates.map(({ patient, reasons }) => (
              <li key={patient.patient_id}>
                <Link to="/patients/$patientId" params={{ patientId: patient.patient_id }}>
                  {patient.name}
                </Link>
                <span className={classes.soft}>
                  {[
                    person(patient),
                    patient.phone,
                    reasons.map((one) => t(`register.why.${one}`)).join(", "),
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </span>
              </li>
            ))}
          </ul>
          <p>{t("register.duplicateText")}</p>
        </Notice>
      )}
    </div>
  );
}
