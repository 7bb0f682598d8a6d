import { Button, Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { recordConsent } from "../../api/calls";
import type { ConsentGiver, Recording } from "../../api/types";
import { useFormat } from "../../i18n/format";

const WHO = {
  patient: "recording.consentPatient",
  parent: "recording.consentParent",
  guardian: "recording.consentGuardian",
  attorney: "recording.consentAttorney",
} as const;
const GIVERS = Object.keys(WHO) as ConsentGiver[];

/** Who agreed to be recorded, who noted it, and when; or the offer to note it. */
export function ConsentLine({ recording }: { recording: Recording }) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const note = useMutation({
    mutationFn: (giver: ConsentGiver) => recordConsent(recording.recording_id, giver),
    onSuccess: () => client.invalidateQueries({ queryKey: ["recording", recording.recording_id] }),
  });
  const { consent } = recording;
  if (recording.sample) return <span>{t("recording.consentSample")}</span>;
  if (consent) {
    const key = WHO[consent.given_by as ConsentGiver];
    const who = key ? t(key) : consent.given_by;
    return <span>{t("recording.consent", { who, name: consent.recorded_by_name, time: format.moment(consent.at) })}</span>;
  }
  if (recording.status === "discarded") return null;
  return (
    <span>
      {t("recording.noConsent")}{" "}
      <Menu shadow="md" position="bottom-start" withinPortal={false} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <Button variant="default" size="compact-sm" loading={note.isPending}>
            {t("recording.noteConsent")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t("recorder.whoAgrees")}</Menu.Label>
          {GIVERS.map((giver) => (
            <Menu.Item key={giver} onClick={() => note.mutate(giver)}>
              {t(`recorder.${giver}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </span>
  );
}
