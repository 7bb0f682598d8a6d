import { useParams } from "@tanstack/react-router";
import { CorrectPage } from "./CorrectPage";
import { PatientPage } from "./PatientPage";

export function PatientRoute() {
  const { patientId } = useParams({ from: "/patients/$patientId" });
  return <PatientPage key={patientId} patientId={patientId} />;
}

export function CorrectRoute() {
  const { patientId } = useParams({ from: "/patients/$patientId/edit" });
  return <CorrectPage key={patientId} patientId={patientId} />;
}
