import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { joinQueue } from "../../api/clinic-calls";
import type { Patient, Urgency } from "../../api/clinic-types";
import { queueQuery } from "../../api/queries";
import { Dialog } from "../../parts/Dialog";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { toast } from "../../parts/toast";
import classes from "./Patients.module.css";
import { VisitFields } from "./VisitFields";

/** Puts a patient who is known into the queue. */
export function JoinDialog({ patient, opened, onClose }: { patient: Patient; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [visit, setVisit] = useState<{ reason: string; urgency: Urgency }>({ reason: "", urgency: "routine" });
  const join = useMutation({
    mutationFn: () => joinQueue(patient.patient_id, visit.reason.trim(), visit.urgency),
    onSuccess: async (entry) => {
      await client.invalidateQueries({ queryKey: queueQuery.queryKey });
      toast({
        text: t("queue.joined", {
          name: patient.name,
          number: String(entry.number),
          position: String(entry.position ?? 1),
          minutes: String(entry.estimated_wait ?? 0),
        }),
      });
      setVisit({ reason: "", urgency: "routine" });
      onClose();
    },
  });
  return (
    <Dialog opened={opened} title={t("queue.joinTitle", { name: patient.name })} onClose={onClose}>
      <form
        className={classes.stack}
        onSubmit={(event) => {
          event.preventDefault();
          if (!join.isPending) join.mutate();
        }}
      >
        <VisitFields {...visit} change={(fields) => setVisit({ ...visit, ...fields })} autoFocus />
        {join.error && <ProblemNotice error={join.error} />}
        <div className={classes.buttons}>
          <Button type="submit" size="md" loading={join.isPending}>
            {t("person.queue")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
