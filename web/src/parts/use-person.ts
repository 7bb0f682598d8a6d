import { useTranslation } from "react-i18next";
import type { Patient } from "../api/types";
import { useFormat } from "../i18n/format";

/** Whole years between a birth date and today. */
export function yearsSince(birthDate: string, today: Date): number {
  const born = new Date(`${birthDate}T00:00:00`);
  const before = today.getMonth() * 31 + today.getDate() < born.getMonth() * 31 + born.getDate();
  return today.getFullYear() - born.getFullYear() - (before ? 1 : 0);
}

/** What tells people of one name apart: age, birth date, sex. */
export function usePerson(): (patient: Patient) => string {
  const { t } = useTranslation();
  const format = useFormat();
  return (patient) =>
    [
      patient.birth_date && t("person.age", { years: String(yearsSince(patient.birth_date, new Date())) }),
      patient.birth_date && t("patient.born", { date: format.date(patient.birth_date) }),
      patient.sex !== "unknown" && t(`patient.${patient.sex}`),
    ]
      .filter(Boolean)
      .join(" · ");
}
