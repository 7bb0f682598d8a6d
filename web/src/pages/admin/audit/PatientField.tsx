import { Button, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useRef, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { searchQuery } from "../../../api/queries";
import { ProblemNotice } from "../../../parts/ProblemNotice";
import { usePerson } from "../../../parts/use-person";
import picker from "../../consultation/PatientPicker.module.css";
import classes from "./Audit.module.css";

const STILL_MS = 250;
const SHOWN = 6;
/** An erased patient is found by no name; the trail still knows the id. */
const ID = /^PAT_[0-9A-HJKMNP-TV-Z]{26}$/;

export interface ChosenPatient {
  id: string;
  name: string;
}

interface PatientFieldProps {
  chosen: ChosenPatient | null;
  text: string;
  error: string | null;
  onText: (text: string) => void;
  onChoose: (patient: ChosenPatient | null) => void;
}

/** Finds the patient by whom to search, as the patients' page does, or takes an id. */
export function PatientField({ chosen, text, error, onText, onChoose }: PatientFieldProps) {
  const { t } = useTranslation();
  const person = usePerson();
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const [still] = useDebouncedValue(text.trim(), STILL_MS);
  const id = ID.test(text.trim()) ? text.trim() : null;
  const query = useQuery(searchQuery(id ? "" : still));
  const found = !id && text.trim() && still ? (query.data?.items ?? []).slice(0, SHOWN) : [];
  const choose = (patient: ChosenPatient | null) => {
    onChoose(patient);
    // What was pressed is gone: the keyboard goes on from the field.
    requestAnimationFrame(() => field.current?.focus());
  };
  const toFirst = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown" && !(event.key === "Enter" && text.trim())) return;
    const first = list.current?.querySelector("button");
    if (!first) return;
    event.preventDefault();
    first.focus();
  };
  return (
    <div className={classes.patient}>
      <TextInput
        ref={field}
        label={t("admin.audit.patient")}
        description={t("admin.audit.patientText")}
        type="search"
        size="md"
        value={text}
        maxLength={200}
        autoComplete="off"
        error={error}
        onChange={(event) => onText(event.currentTarget.value)}
        onKeyDown={toFirst}
      />
      {query.error && still && !id ? <ProblemNotice error={query.error} retry={() => void query.refetch()} /> : null}
      {still && !id && query.isSuccess && !query.isPlaceholderData && found.length === 0 && text.trim() && (
        <p className={picker.soft} role="status">
          {t("patients.none")}
        </p>
      )}
      {(found.length > 0 || id) && (
        <ul ref={list} className={picker.list}>
          {id && (
            <li>
              <button type="button" className={picker.patient} onClick={() => choose({ id, name: id })}>
                <strong>{t("admin.audit.useId")}</strong>
                <span className={picker.soft}>{id}</span>
              </button>
            </li>
          )}
          {found.map((patient) => (
            <li key={patient.patient_id}>
              <button
                type="button"
                className={picker.patient}
                onClick={() => choose({ id: patient.patient_id, name: patient.name })}
              >
                <strong>{patient.name}</strong>
                <span className={picker.soft}>{person(patient)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {chosen && (
        <div className={classes.chosen} role="status">
          <span>{t("admin.audit.chosen", { name: chosen.name })}</span>
          <Button variant="default" onClick={() => choose(null)}>
            {t("admin.audit.unchoose")}
          </Button>
        </div>
      )}
    </div>
  );
}
