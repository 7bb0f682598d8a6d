import { ActionIcon, Button, Menu, TextInput, VisuallyHidden } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import * as calls from "../../api/calls";
import { noteQuery, noteVersionsQuery } from "../../api/queries";
import type { Recording } from "../../api/types";
import { useFormat } from "../../i18n/format";
import { announce } from "../../parts/announce";
import { Confirm } from "../../parts/Confirm";
import { Icon } from "../../parts/Icon";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { StatusBadge } from "../../parts/StatusBadge";
import { useRecordingTitle } from "../../parts/use-recording-title";
import classes from "./ConsultationPage.module.css";
import { ConsentLine } from "./ConsentLine";
import { PatientPicker } from "./PatientPicker";

type Asking = "discard" | "withdraw" | null;

/** The title, whose it is, and what can be done with the whole recording. */
export function Heading({ recording }: { recording: Recording }) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const navigate = useNavigate();
  const title = useRecordingTitle()(recording);
  const id = recording.recording_id;
  const note = useQuery({ ...noteQuery(recording.note_id ?? ""), enabled: Boolean(recording.note_id) });
  const versions = useQuery({ ...noteVersionsQuery(recording.note_id ?? ""), enabled: Boolean(recording.note_id) });
  // Nothing is offered that the server would refuse: not before it is known, and not for what once was signed.
  const draft = !recording.note_id || note.data?.status === "draft";
  const discardable = draft && (!recording.note_id || versions.data?.items.every((one) => one.status === "draft"));
  const [renaming, setRenaming] = useState(false);
  const [filing, setFiling] = useState(false);
  const [asking, setAsking] = useState<Asking>(null);

  const refresh = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["recording", id] }),
      client.invalidateQueries({ queryKey: ["recordings"] }),
    ]);
  const act = useMutation({ mutationFn: (call: () => Promise<unknown>) => call(), onSuccess: refresh });
  const remove = useMutation({
    mutationFn: async (how: NonNullable<Asking>) => {
      await (how === "withdraw" ? calls.withdrawConsent(id) : calls.discardRecording(id));
    },
    onSuccess: async () => {
      announce(t("recorder.withdrawn"));
      client.removeQueries({ queryKey: ["recording", id] });
      await client.invalidateQueries({ queryKey: ["recordings"] });
      await navigate({ to: "/" });
    },
  });
  const swap = () =>
    act.mutate(() => calls.swapSpeakers(id), {
      onSuccess: async () => {
        announce(t("recording.swapped"));
        // the note is written again: an event tells when
        await client.invalidateQueries({ queryKey: ["transcript", id] });
      },
    });
  const finished = !["open", "received", "processing", "discarded"].includes(recording.status);
  const facts = [
    format.moment(recording.created_at),
    recording.duration > 0 && format.stretch(recording.duration),
  ].filter(Boolean);

  return (
    <header className={classes.head}>
      <Link to="/" className={classes.back}>
        <Icon name="back" size={18} />
        {t("recording.all")}
      </Link>
      <div className={classes.titleRow}>
        {renaming ? (
          <>
            <VisuallyHidden component="h1">{title}</VisuallyHidden>
            <Rename
              title={recording.title || title}
              onDone={(wanted) => {
                setRenaming(false);
                if (wanted !== null) act.mutate(() => calls.renameRecording(id, wanted));
              }}
            />
          </>
        ) : (
          <h1>{title}</h1>
        )}
        <StatusBadge status={recording.status} />
        {recording.status !== "discarded" && (
          <div className={classes.actions}>
            {!recording.sample && (
              <Button variant="default" leftSection={<Icon name="person" size={18} />} onClick={() => setFiling(true)}>
                {t(recording.patient_id ? "recording.move" : "recording.file")}
              </Button>
            )}
            {recording.transcript_version > 0 && finished && draft && (
              <Button variant="default" leftSection={<Icon name="swap" size={18} />} onClick={swap} loading={act.isPending}>
                {t("recording.swap")}
              </Button>
            )}
            <Menu position="bottom-end" shadow="md" withinPortal={false} withInitialFocusPlaceholder={false}>
              <Menu.Target>
                <ActionIcon variant="default" size={36} aria-label={t("recording.more")}>
                  <Icon name="more" />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item leftSection={<Icon name="pencil" size={18} />} onClick={() => setRenaming(true)}>
                  {t("recording.rename")}
                </Menu.Item>
                {finished && recording.audio_available && (
                  <Menu.Item
                    leftSection={<Icon name="wave" size={18} />}
                    onClick={() => act.mutate(() => calls.transcribeAgain(id))}
                  >
                    {t("recording.listenAgain")}
                  </Menu.Item>
                )}
                {(discardable || (recording.consent && !recording.sample)) && <Menu.Divider />}
                {recording.consent && !recording.sample && (
                  <Menu.Item leftSection={<Icon name="alert" size={18} />} onClick={() => setAsking("withdraw")}>
                    {t("recording.withdraw")}
                  </Menu.Item>
                )}
                {discardable && (
                  <Menu.Item leftSection={<Icon name="trash" size={18} />} onClick={() => setAsking("discard")}>
                    {t("recording.discard")}
                  </Menu.Item>
                )}
              </Menu.Dropdown>
            </Menu>
          </div>
        )}
      </div>
      <div className={classes.facts}>
        <span>{facts.join(" · ")}</span>
        {recording.patient_id && (
          <Link to="/patients/$patientId" params={{ patientId: recording.patient_id }} className={classes.whose}>
            <Icon name="person" size={18} />
            {recording.patient_name}
          </Link>
        )}
        <ConsentLine recording={recording} />
      </div>
      {act.error && <ProblemNotice error={act.error} />}
      <PatientPicker recording={recording} opened={filing} onClose={() => setFiling(false)} />
      <Confirm
        opened={asking !== null}
        title={t("recording.discardTitle")}
        yes={t("recorder.withdrawYes")}
        dangerous
        busy={remove.isPending}
        error={remove.error}
        onYes={() => asking && remove.mutate(asking)}
        onClose={() => setAsking(null)}
      >
        <p>{t("recording.discardText")}</p>
      </Confirm>
    </header>
  );
}

function Rename({ title, onDone }: { title: string; onDone: (title: string | null) => void }) {
  const { t } = useTranslation();
  const [value, setValue] = useState(title);
  return (
    <form
      className={classes.rename}
      onSubmit={(event) => {
        event.preventDefault();
        onDone(value.trim());
      }}
    >
      <TextInput
        aria-label={t("recording.name")}
        value={value}
        maxLength={120}
        autoFocus
        onChange={(event) => setValue(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && onDone(null)}
      />
      <Button type="submit">{t("app.save")}</Button>
      <Button variant="default" onClick={() => onDone(null)}>
        {t("app.cancel")}
      </Button>
    </form>
  );
}
