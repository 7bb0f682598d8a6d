import type { Identifier, NewPatient, Patient, PatientChange, Sex, Urgency } from "../../api/clinic-types";

/** What is typed at the front desk, all of it text until it is sent. */
export interface Form {
  name: string;
  birthDate: string;
  age: string;
  sex: Sex;
  phone: string;
  nhi: string;
  abha: string;
  aadhaar: string;
  language: string;
  allergies: string;
  problems: string;
  medicines: string;
  reason: string;
  urgency: Urgency;
}

export const EMPTY: Form = {
  name: "",
  birthDate: "",
  age: "",
  sex: "unknown",
  phone: "",
  nhi: "",
  abha: "",
  aadhaar: "",
  language: "en",
  allergies: "",
  problems: "",
  medicines: "",
  reason: "",
  urgency: "routine",
};

/** The field of the form for each numbering system; of an Aadhaar number only its last four digits may be kept. */
export const SYSTEMS = { nhi: "nhi", abha: "abha", aadhaar: "aadhaar_last4" } as const;
const OLDEST = 130;

export type FormErrors = Partial<Record<keyof Form, "nameNeeded" | "notYetBorn" | "ageWrong" | "fourDigits">>;

/** What cannot be sent as it is. The numbers' own check digits are the server's to check. */
export function errorsOf(form: Form, day: string): FormErrors {
  const errors: FormErrors = {};
  if (!form.name.trim()) errors.name = "nameNeeded";
  if (form.birthDate > day) errors.birthDate = "notYetBorn";
  if (form.age && !(/^\d{1,3}$/.test(form.age) && Number(form.age) <= OLDEST)) errors.age = "ageWrong";
  if (form.aadhaar && !/^\d{4}$/.test(form.aadhaar)) errors.aadhaar = "fourDigits";
  return errors;
}

/** What the server is sent: the patient, without the visit. A birth date says more than an age. */
export function patientOf(form: Form, others: readonly Identifier[] = []): NewPatient {
  const identifiers = (Object.keys(SYSTEMS) as (keyof typeof SYSTEMS)[])
    .filter((field) => form[field].trim())
    .map((field) => ({ system: SYSTEMS[field], value: form[field].trim() }));
  return {
    name: form.name.trim(),
    birth_date: form.birthDate || null,
    age: form.birthDate || !form.age ? null : Number(form.age),
    sex: form.sex,
    phone: form.phone.trim(),
    identifiers: [...identifiers, ...others],
    language: form.language,
    allergies: linesOf(form.allergies),
    problems: linesOf(form.problems),
    medicines: linesOf(form.medicines),
  };
}

/** The form for a patient who is known. */
export function formOf(patient: Patient | NewPatient): Form {
  const number = (system: string) => patient.identifiers.find((one) => one.system === system)?.value ?? "";
  return {
    ...EMPTY,
    name: patient.name,
    birthDate: patient.birth_date ?? "",
    age: "age" in patient && patient.age !== null && patient.age !== undefined ? String(patient.age) : "",
    sex: patient.sex,
    phone: patient.phone,
    nhi: number(SYSTEMS.nhi),
    abha: number(SYSTEMS.abha),
    aadhaar: number(SYSTEMS.aadhaar),
    language: patient.language,
    allergies: patient.allergies.join("\n"),
    problems: patient.problems.join("\n"),
    medicines: patient.medicines.join("\n"),
  };
}

/** What was changed in the form, and nothing else: what somebody else corrects meanwhile stays corrected. */
export function changesOf(patient: Patient, form: Form): PatientChange {
  const others = otherNumbers(patient);
  const before: Record<string, unknown> = patientOf(formOf(patient), others);
  const changed = Object.entries(patientOf(form, others)).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field]),
  );
  const change: PatientChange = Object.fromEntries(changed);
  // An age takes the place of a birth date; sent beside it, "not known" would be a second answer to one question.
  if (change.age !== undefined && change.age !== null) delete change.birth_date;
  else delete change.age;
  return change;
}

/** The numbers that the form has no field for: a correction must not lose them. */
function otherNumbers(patient: Patient): Identifier[] {
  const known: readonly string[] = Object.values(SYSTEMS);
  return patient.identifiers.filter((one) => !known.includes(one.system));
}

/** Today where the reader is, as a date field writes it. */
export function today(now = new Date()): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** Enough to look for the same person: a name alone is shared by too many. */
export function canBeCompared(form: Form): boolean {
  const more = [form.birthDate, form.age, form.phone, form.nhi, form.abha, form.aadhaar];
  return form.name.trim().length >= 2 && more.some((text) => text.trim().length > 0);
}

/** What was kept of a form that an older version of the app may have written. */
export function fromDraft(draft: unknown): Form | null {
  if (typeof draft !== "object" || draft === null) return null;
  const kept = draft as Record<string, unknown>;
  const form = { ...EMPTY } as Record<string, string>;
  for (const field of Object.keys(EMPTY)) if (typeof kept[field] === "string") form[field] = kept[field];
  return form as unknown as Form;
}

export function isEmpty(form: Form): boolean {
  return (Object.keys(EMPTY) as (keyof Form)[]).every((field) => form[field] === EMPTY[field]);
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}
