import { NativeSelect, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { SEXES, type Sex } from "../../api/clinic-types";
import { Card } from "../../parts/Card";
import { today, type Form, type FormErrors } from "./form";
import classes from "./Patients.module.css";

/** The languages that people here speak with their clinic, each in its own name. */
const LANGUAGES = [
  { value: "en", label: "English" },
  { value: "hi", label: "हिन्दी" },
  { value: "mi", label: "Te reo Māori" },
  { value: "sm", label: "Gagana Sāmoa" },
  { value: "pa", label: "ਪੰਜਾਬੀ" },
  { value: "bn", label: "বাংলা" },
  { value: "ta", label: "தமிழ்" },
  { value: "te", label: "తెలుగు" },
  { value: "mr", label: "मराठी" },
  { value: "gu", label: "ગુજરાતી" },
  { value: "ur", label: "اردو" },
  { value: "zh", label: "中文" },
];

interface PatientFieldsProps {
  form: Form;
  errors: FormErrors;
  change: (fields: Partial<Form>) => void;
  /** For who comes to write a name: the field has the focus. */
  autoFocus?: boolean;
}

/** Who somebody is, and what is known of them. */
export function PatientFields({ form, errors, change, autoFocus }: PatientFieldsProps) {
  const { t } = useTranslation();
  const [day] = useState(today);
  const known = LANGUAGES.some((one) => one.value === form.language);
  const lines = (field: "allergies" | "problems" | "medicines") => (
    <Textarea
      label={t(`register.${field}`)}
      description={t("register.onePerLine")}
      size="md"
      rows={2}
      value={form[field]}
      autoComplete="off"
      onChange={(event) => change({ [field]: event.currentTarget.value })}
    />
  );
  const text = (field: "phone" | "nhi" | "abha" | "aadhaar", more: { type?: string; numeric?: boolean; maxLength: number }) => (
    <TextInput
      label={t(`register.${field}`)}
      size="md"
      id={`patient-${field}`}
      type={more.type ?? "text"}
      inputMode={more.numeric ? "numeric" : undefined}
      maxLength={more.maxLength}
      value={form[field]}
      autoComplete="off"
      error={errors[field] ? t(`register.wrong.${errors[field]}`) : null}
      onChange={(event) => change({ [field]: event.currentTarget.value })}
    />
  );
  return (
    <>
      <Card title={t("register.who")}>
        <div className={classes.fields}>
          <TextInput
            label={t("patient.name")}
            id="patient-name"
            size="md"
            className={classes.wide}
            value={form.name}
            required
            autoFocus={autoFocus ?? false}
            autoComplete="off"
            maxLength={200}
            error={errors.name ? t(`register.wrong.${errors.name}`) : null}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
          <TextInput
            label={t("patient.birthDate")}
            id="patient-birthDate"
            size="md"
            type="date"
            max={day}
            value={form.birthDate}
            error={errors.birthDate ? t(`register.wrong.${errors.birthDate}`) : null}
            onChange={(event) => change({ birthDate: event.currentTarget.value, age: "" })}
          />
          <TextInput
            label={t("register.age")}
            id="patient-age"
            size="md"
            inputMode="numeric"
            maxLength={3}
            autoComplete="off"
            value={form.age}
            error={errors.age ? t(`register.wrong.${errors.age}`) : null}
            onChange={(event) => change({ age: event.currentTarget.value, birthDate: "" })}
          />
          <div className={classes.wide}>
            <span className={classes.label} id="patient-sex">
              {t("patient.sex")}
            </span>
            <SegmentedControl
              aria-labelledby="patient-sex"
              name="patient-sex"
              fullWidth
              value={form.sex}
              onChange={(value) => change({ sex: value as Sex })}
              data={SEXES.map((value) => ({ value, label: t(`patient.${value}`) }))}
            />
          </div>
          {text("phone", { type: "tel", maxLength: 40 })}
          <NativeSelect
            label={t("register.language")}
            size="md"
            value={form.language}
            onChange={(event) => change({ language: event.currentTarget.value })}
            data={known ? LANGUAGES : [...LANGUAGES, { value: form.language, label: form.language }]}
          />
          {text("nhi", { maxLength: 10 })}
          {text("abha", { maxLength: 40 })}
          {text("aadhaar", { numeric: true, maxLength: 4 })}
        </div>
      </Card>
      <Card title={t("register.known")}>
        <div className={classes.single}>
          {lines("allergies")}
          {lines("problems")}
          {lines("medicines")}
        </div>
      </Card>
    </>
  );
}
