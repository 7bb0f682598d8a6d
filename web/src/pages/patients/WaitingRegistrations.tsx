import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useProblemText } from "../../i18n/problem";
import { useSaid } from "../../i18n/said";
import { Notice } from "../../parts/Notice";
import type { LocalRegistration } from "../../registration/store";
import { outbox, registrations, useOutbox } from "../../registration/use-outbox";
import { formOf } from "./form";

/** Registrations that are on this device and not on the server yet: nothing that was typed is out of sight. */
export function WaitingRegistrations() {
  const { t } = useTranslation();
  const { waiting, problem } = useOutbox();
  const problemText = useProblemText();
  return waiting.map((one) =>
    one.refusal ? (
      <Refused key={one.localId} registration={one} />
    ) : (
      <Notice key={one.localId} tone="calm" role="status" title={t("register.waiting", { name: one.patient.name })}>
        {problem ? t("register.waitingBecause", { reason: problemText(problem).reason }) : t("register.sending")}
      </Notice>
    ),
  );
}

function Refused({ registration }: { registration: LocalRegistration }) {
  const { t } = useTranslation();
  const said = useSaid();
  const client = useQueryClient();
  const navigate = useNavigate();
  const correct = async () => {
    await registrations.keepDraft({ ...formOf(registration.patient), ...registration.visit });
    await outbox.takeBack(registration.localId);
    await client.resetQueries({ queryKey: ["registration-draft"] });
    await navigate({ to: "/patients/new" });
  };
  return (
    <Notice
      tone="danger"
      role="alert"
      title={t("register.refused", { name: registration.patient.name })}
      actions={
        <>
          {!registration.patientId && <Button onClick={() => void correct()}>{t("register.correct")}</Button>}
          <Button variant="default" onClick={() => void outbox.takeBack(registration.localId)}>
            {t("recorder.discard")}
          </Button>
        </>
      }
    >
      <p>{said(registration.refusal?.reason ?? "")}</p>
      <p>{said(registration.refusal?.remedy ?? "")}</p>
    </Notice>
  );
}
