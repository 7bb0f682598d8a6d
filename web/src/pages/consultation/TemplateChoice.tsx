import { NativeSelect } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { rewriteNote } from "../../api/calls";
import { recordingQuery } from "../../api/queries";
import { TEMPLATES, type Note, type Template } from "../../api/types";
import { Confirm } from "../../parts/Confirm";

/** How this draft is laid out; another choice has it written again, after a question. */
export function TemplateChoice({ note }: { note: Note }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [wanted, setWanted] = useState<Template | null>(null);
  const present = note.body.template;
  const rewrite = useMutation({
    mutationFn: (template: Template) => rewriteNote(note.recording_id, template),
    onSuccess: async () => {
      setWanted(null);
      await client.invalidateQueries({ queryKey: recordingQuery(note.recording_id).queryKey });
    },
  });
  const close = () => {
    rewrite.reset();
    setWanted(null);
  };
  return (
    <>
      <NativeSelect
        aria-label={t("template.ofThisNote")}
        value={wanted ?? present}
        onChange={(event) => setWanted(event.currentTarget.value as Template)}
        data={TEMPLATES.map((template) => ({ value: template, label: t(`template.${template}`) }))}
      />
      <Confirm
        opened={wanted !== null && wanted !== present}
        title={t("template.again", { template: t(`template.${wanted ?? present}`) })}
        yes={t("template.againYes")}
        busy={rewrite.isPending}
        error={rewrite.error}
        onYes={() => wanted && rewrite.mutate(wanted)}
        onClose={close}
      >
        <p>{t("template.againText")}</p>
        <p>{t("template.againUndo")}</p>
      </Confirm>
    </>
  );
}
