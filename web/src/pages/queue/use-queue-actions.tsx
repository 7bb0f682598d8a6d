import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import * as calls from "../../api/clinic-calls";
import type { QueueEntry } from "../../api/clinic-types";
import { asProblem } from "../../api/problem";
import { queueQuery } from "../../api/queries";
import { toast } from "../../parts/toast";

/** What can be done in the queue. Nobody named: the next one. */
export type Act =
  | { what: "call"; entry: QueueEntry | null }
  | { what: "start"; entry: QueueEntry | null; another?: boolean; first?: QueueEntry }
  | { what: "complete" | "cancel" | "noShow" | "again"; entry: QueueEntry };

export interface QueueActions {
  act: (act: Act) => void;
  busy: boolean;
  /** Set while a refusal waits for an answer: another consultation is under way. */
  seeing: { act: Act & { what: "start" }; entryId: string } | null;
  answer: (act: Act | null) => void;
  /** Nobody waited when the next one was asked for. */
  nobody: boolean;
  error: unknown;
}

/** Does what is asked, says that it is done, and offers the way back where there is one. */
export function useQueueActions(): QueueActions {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [seeing, setSeeing] = useState<QueueActions["seeing"]>(null);
  const [nobody, setNobody] = useState(false);

  const work = useMutation({
    mutationFn: perform,
    onMutate: () => setNobody(false),
    onSettled: () => client.invalidateQueries({ queryKey: queueQuery.queryKey }),
    onSuccess: async (entry, act) => {
      setSeeing(null);
      toast({ text: t(`queue.did.${act.what}`, { name: entry.patient_name, number: String(entry.number) }), action: back(entry, act) });
      if (act.what === "start") await navigate({ to: "/patients/$patientId", params: { patientId: entry.patient_id } });
    },
    onError: (error, act) => {
      const { status, extras } = asProblem(error);
      if (status === 409 && act.what === "start" && typeof extras.entry_id === "string") {
        setSeeing({ act, entryId: extras.entry_id });
      } else {
        setSeeing(null);
        setNobody(isNobody(error, act));
      }
    },
  });
  const act = (wanted: Act) => !work.isPending && work.mutate(wanted);

  /** The way back, where a click can hurt. A consultation that ended is over: its patient can only queue anew. */
  const back = (entry: QueueEntry, done: Act) => {
    if (done.what === "again" || done.what === "start") return undefined;
    const again =
      done.what === "complete"
        ? () => void rejoin(entry)
        : () => {
            toast(null);
            work.mutate({ what: "again", entry });
          };
    return (
      <Button size="sm" variant="default" onClick={again}>
        {t(done.what === "call" ? "queue.uncall" : "queue.again")}
      </Button>
    );
  };
  const rejoin = async (entry: QueueEntry) => {
    try {
      const joined = await calls.joinQueue(entry.patient_id, entry.reason, entry.urgency);
      toast({ text: t("queue.did.again", { name: joined.patient_name, number: String(joined.number) }) });
    } catch (error) {
      toast({ text: asProblem(error).message || t("problem.offline") });
    }
    await client.invalidateQueries({ queryKey: queueQuery.queryKey });
  };

  const failed = work.error && !seeing && !nobody ? work.error : null;
  return {
    act,
    busy: work.isPending,
    seeing,
    answer: (wanted) => {
      setSeeing(null);
      if (wanted) work.mutate(wanted);
      else work.reset();
    },
    nobody,
    error: failed,
  };
}

async function perform(act: Act): Promise<QueueEntry> {
  switch (act.what) {
    case "call":
      return calls.callIn(act.entry?.entry_id ?? null);
    case "start":
      if (act.first) await calls.completeConsultation(act.first.entry_id);
      return calls.startConsultation(act.entry?.entry_id ?? null, act.another ?? false);
    case "complete":
      return calls.completeConsultation(act.entry.entry_id);
    case "cancel":
      return calls.cancelEntry(act.entry.entry_id);
    case "noShow":
      return calls.noteNoShow(act.entry.entry_id);
    case "again":
      return calls.queueAgain(act.entry.entry_id);
  }
}

/** The next one was asked for, and there is none: no fault of anybody. */
function isNobody(error: unknown, act: Act): boolean {
  return asProblem(error).status === 404 && (act.what === "call" || act.what === "start") && act.entry === null;
}
