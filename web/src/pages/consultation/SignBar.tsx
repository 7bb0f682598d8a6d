import { Button, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { amendNote, signNote, undoNote } from "../../api/calls";
import { meQuery } from "../../api/queries";
import type { Note } from "../../api/types";
import { useFormat } from "../../i18n/format";
import { announce } from "../../parts/announce";
import { Confirm } from "../../parts/Confirm";
import { CopyButton } from "../../parts/CopyButton";
import { Icon } from "../../parts/Icon";
import classes from "./NotePanel.module.css";
import { plainText } from "./plain-text";
import type { NoteChange } from "./use-note-change";

/** What is left to decide, and the way to the signature; after it, the way to an amendment. */
export function SignBar({ note, change }: { note: Note; change: NoteChange }) {
  const { t } = useTranslation();
  const format = useFormat();
  const me = useQuery(meQuery).data;
  const [asking, setAsking] = useState<"sign" | "amend" | null>(null);
  const [reason, setReason] = useState("");
  // Nothing is offered that the server would refuse.
  const maySign = me?.role === "doctor";
  const draft = note.status === "draft";
  const open = note.blocking.length;

  const undo = async () => {
    if (await change.change((etag) => undoNote(note.note_id, etag))) announce(t("note.undone"));
  };
  const sign = async () => {
    if (await change.change((etag) => signNote(note.note_id, etag))) announce(t("note.nowSigned"));
    setAsking(null);
  };
  const amend = async () => {
    await change.change((etag) => amendNote(note.note_id, etag, reason.trim()));
    setAsking(null);
    setReason("");
  };
  const showNext = () => {
    const line = document.getElementById(`statement-${note.blocking[0]}`);
    line?.scrollIntoView({ block: "center" });
    line?.querySelector("button")?.focus({ preventScroll: true });
  };
  const text = () =>
    plainText(note, {
      draft: `${t("note.draft")} – ${t("note.draftText")}`,
      demo: `${t("note.demo")}. ${t("note.demoText")}`,
      diagnosis: t("note.diagnosis"),
      medicines: t("note.medicines"),
      followUp: t("note.followUp"),
      asNeeded: t("medicine.asNeeded", { lng: note.body.language }),
      signed: note.signature
        ? t("note.signedBy", { name: note.signature.name, time: format.date(note.signature.at) })
        : "",
    });

  return (
    <div className={classes.bar} role="group" aria-label={t("note.sign")}>
      <div className={classes.barInner}>
      {draft && (
        <div className={classes.decide} data-open={open > 0 || undefined} role="status">
          {open > 0 ? (
            <>
              <span>{t("note.toDecide", { count: open })}</span>
              <Button variant="default" size="sm" onClick={showNext}>
                {t("note.nextOne")}
              </Button>
            </>
          ) : (
            <span>{t("note.allDecided")}</span>
          )}
        </div>
      )}
      {draft && (
        <Button
          variant="default"
          leftSection={<Icon name="undo" size={18} />}
          // Really disabled it would lose the focus when the last change is undone.
          data-disabled={!note.can_undo || undefined}
          aria-disabled={!note.can_undo}
          onClick={() => note.can_undo && !change.busy && void undo()}
        >
          {t("note.undo")}
        </Button>
      )}
      <CopyButton text={text} label={t("note.copyText")} />
      {draft ? (
        maySign ? (
          <Button disabled={open > 0 || change.busy} onClick={() => setAsking("sign")}>
            {t("note.sign")}
          </Button>
        ) : (
          <span>{t("note.doctorSigns")}</span>
        )
      ) : (
        <Button variant="default" leftSection={<Icon name="pencil" size={18} />} onClick={() => setAsking("amend")}>
          {t("note.amend")}
        </Button>
      )}
      </div>
      <Confirm
        opened={asking === "sign"}
        title={t("note.signTitle")}
        yes={t("note.signYes", { name: me?.name ?? "" })}
        busy={change.busy}
        onYes={() => void sign()}
        onClose={() => setAsking(null)}
      >
        {note.demo_quality && (
          <p>
            <strong>{t("note.signDemo")}</strong>
          </p>
        )}
        <p>{t("note.signText")}</p>
      </Confirm>
      <Confirm
        opened={asking === "amend"}
        title={t("note.amendTitle")}
        yes={t("note.amendYes")}
        busy={change.busy}
        disabled={!reason.trim()}
        onYes={() => void amend()}
        onClose={() => setAsking(null)}
      >
        <p>{t("note.amendText")}</p>
        <Textarea
          label={t("note.amendReason")}
          value={reason}
          required
          maxLength={500}
          rows={3}
          data-autofocus
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </Confirm>
    </div>
  );
}
