import { Button, NativeSelect, Skeleton, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { createPatient, fileRecording, type Sex } from "../../api/calls";
import { patientsQuery } from "../../api/queries";
import type { Recording } from "../../api/types";
import { useFormat } from "../../i18n/format";
import { Dialog } from "../../parts/Dialog";
import { Icon } from "../../parts/Icon";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { nameMatches } from "./names";
import classes from "./PatientPicker.module.css";

const SEXES: readonly Sex[] = ["female", "male", "other", "unknown"];

interface PatientPickerProps {
  recording: Recording;
  opened: boolean;
  onClose: () => void;
}

/** Files a recording under a patient: search, or create one with what is at hand. */
export function PatientPicker({ recording, opened, onClose }: PatientPickerProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [creating, setCreating] = useState(false);
  const [text, setText] = useState("");
  const close = () => {
    setCreating(false);
    setText("");
    onClose();
  };
  const file = useMutation({
    mutationFn: (patientId: string | null) => fileRecording(recording.recording_id, patientId),
    onSuccess: async () => {
      await Promise.all([
        client.invalidateQueries({ queryKey: ["recording", recording.recording_id] }),
        client.invalidateQueries({ queryKey: ["recordings"] }),
        client.invalidateQueries({ queryKey: ["note"] }),
      ]);
      close();
    },
  });
  return (
    <Dialog opened={opened} title={t(recording.patient_id ? "recording.move" : "patient.title")} onClose={close}>
      <div className={classes.body}>
        {file.error && <ProblemNotice error={file.error} />}
        {creating ? (
          <NewPatient name={text} onBack={() => setCreating(false)} onCreated={(id) => file.mutate(id)} />
        ) : (
          <Search text={text} onText={setText} onChoose={(id) => file.mutate(id)} onCreate={() => setCreating(true)} />
        )}
        {recording.patient_id && !creating && (
          <Button variant="subtle" onClick={() => file.mutate(null)} loading={file.isPending}>
            {t("recording.unfile")}
          </Button>
        )}
      </div>
    </Dialog>
  );
}

interface SearchProps {
  text: string;
  onText: (text: string) => void;
  onChoose: (patientId: string) => void;
  onCreate: () => void;
}

function Search({ text, onText, onChoose, onCreate }: SearchProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(patientsQuery);
  const found = (query.data?.items ?? []).filter((patient) => nameMatches(patient.name, text));
  return (
    <>
      <TextInput
        label={t("patient.search")}
        type="search"
        size="md"
        value={text}
        data-autofocus
        autoComplete="off"
        onChange={(event) => onText(event.currentTarget.value)}
      />
      {query.isPending && <Skeleton height={48} />}
      {query.error && <ProblemNotice error={query.error} retry={() => void query.refetch()} />}
      {query.isSuccess && found.length === 0 && text && <p className={classes.soft}>{t("patient.none")}</p>}
      {found.length > 0 && (
        <ul className={classes.list}>
          {found.slice(0, 8).map((patient) => (
            <li key={patient.patient_id}>
              <button type="button" className={classes.patient} onClick={() => onChoose(patient.patient_id)}>
                <strong>{patient.name}</strong>
                <span className={classes.soft}>
                  {[
                    patient.birth_date && t("patient.born", { date: format.date(patient.birth_date) }),
                    patient.sex !== "unknown" && t(`patient.${patient.sex as Sex}`),
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <Button variant="default" size="md" leftSection={<Icon name="plus" size={18} />} onClick={onCreate}>
        {text.trim() ? t("patient.createNamed", { name: text.trim() }) : t("patient.create")}
      </Button>
    </>
  );
}

interface NewPatientProps {
  name: string;
  onBack: () => void;
  onCreated: (patientId: string) => void;
}

function NewPatient({ name: suggested, onBack, onCreated }: NewPatientProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState(suggested.trim());
  const [birthDate, setBirthDate] = useState("");
  const [sex, setSex] = useState<Sex>("unknown");
  const [tried, setTried] = useState(false);
  const [today] = useState(() => new Date().toISOString().slice(0, 10));
  const create = useMutation({
    mutationFn: () => createPatient({ name: name.trim(), birthDate: birthDate || null, sex }),
    onSuccess: (patient) => {
      void client.invalidateQueries({ queryKey: ["patients"] });
      onCreated(patient.patient_id);
    },
  });
  return (
    <form
      className={classes.body}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (name.trim()) create.mutate();
      }}
    >
      <TextInput
        label={t("patient.name")}
        size="md"
        value={name}
        required
        autoFocus
        autoComplete="off"
        maxLength={200}
        error={tried && !name.trim() ? t("patient.nameNeeded") : null}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label={t("patient.birthDate")}
        size="md"
        type="date"
        max={today}
        value={birthDate}
        onChange={(event) => setBirthDate(event.currentTarget.value)}
      />
      <NativeSelect
        label={t("patient.sex")}
        size="md"
        value={sex}
        onChange={(event) => setSex(event.currentTarget.value as Sex)}
        data={SEXES.map((value) => ({ value, label: t(`patient.${value}`) }))}
      />
      {create.error && <ProblemNotice error={create.error} />}
      <div className={classes.buttons}>
        <Button variant="default" size="md" onClick={onBack}>
          {t("patient.back")}
        </Button>
        <Button type="submit" size="md" loading={create.isPending}>
          {t("patient.add")}
        </Button>
      </div>
    </form>
  );
}
