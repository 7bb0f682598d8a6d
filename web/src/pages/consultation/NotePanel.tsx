import { Button, NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { noteVersionsQuery } from "../../api/queries";
import type { Note, NoteBody, Transcript } from "../../api/types";
import { useFormat } from "../../i18n/format";
import { useSaid } from "../../i18n/said";
import { Keys } from "../../parts/Keys";
import { Notice } from "../../parts/Notice";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { Tag } from "../../parts/StatusBadge";
import { useEvidence } from "./evidence";
import { MedicineList } from "./MedicineList";
import classes from "./NotePanel.module.css";
import { Mentioned } from "./Mentioned";
import { SectionBlock } from "./SectionBlock";
import { SignBar } from "./SignBar";
import { TemplateChoice } from "./TemplateChoice";
import { useNoteChange } from "./use-note-change";

interface NotePanelProps {
  note: Note;
  /** An earlier version is only looked at. */
  readOnly: boolean;
  onVersion: (version: number | undefined) => void;
  transcript: Transcript | undefined;
}

/** One version of the note: a draft that can be changed, or a signed one that cannot. */
export function NotePanel({ note, readOnly, onVersion, transcript }: NotePanelProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const said = useSaid();
  const { playFrom } = useEvidence();
  const change = useNoteChange(note);
  const draft = note.status === "draft" && !readOnly;
  return (
    <section className={classes.panel} aria-label={t("note.title")}>
      {note.demo_quality && (
        <Notice tone="doubt" title={t("note.demo")}>
          {t("note.demoText")} <Link to="/engines">{t("note.demoLink")}</Link>
        </Notice>
      )}
      {transcript && transcript.problems.length > 0 && (
        <Notice tone="doubt" title={t("note.problems")}>
          {transcript.problems.map((problem) => (
            <p key={problem}>{said(problem)}</p>
          ))}
        </Notice>
      )}
      {readOnly && (
        <Notice
          tone="calm"
          title={t("note.oldVersion")}
          actions={<Button onClick={() => onVersion(undefined)}>{t("note.showLatest")}</Button>}
        />
      )}
      <div className={classes.sheet} data-draft={note.status === "draft" || undefined} data-mark={t("note.draft")}>
        <header className={classes.head}>
          <h2 id="note-title" tabIndex={-1}>
            {t("note.title")}
          </h2>
          <NoteState note={note} />
          <div className={classes.choices}>
            {draft && <TemplateChoice note={note} />}
            <Versions note={note} onVersion={onVersion} />
          </div>
        </header>
        {note.amendment_reason && (
          <p className={classes.soft}>{t("note.amends", { reason: note.amendment_reason })}</p>
        )}
        <Summary body={note.body} />
        <div className={classes.block}>
          <h3>{t("note.medicines")}</h3>
          <MedicineList body={note.body} />
        </div>
        <div className={classes.hint}>
          <p>{t(playFrom ? "note.hint" : "note.hintSilent")}</p>
          {draft && <Keys hint="note.keys" />}
        </div>
        {note.body.sections.map((section) => (
          <SectionBlock key={section.title} note={note} section={section} change={draft ? change : null} />
        ))}
        {draft && <Mentioned note={note} change={change} />}
        {/* It retells the sentences above in one paragraph, and does not follow their edits: shown when alone. */}
        {note.body.notes && note.body.sections.every((section) => section.statements.length === 0) && (
          <div className={classes.block}>
            <h3>{t("note.otherNotes")}</h3>
            <p className={classes.plain}>{note.body.notes}</p>
          </div>
        )}
        <footer className={classes.foot}>
          {note.signature && (
            <p className={classes.signature}>
              {t("note.signedBy", { name: note.signature.name, time: format.moment(note.signature.at) })}
            </p>
          )}
          <p className={classes.soft}>
            {t("note.writtenBy", {
              writer: [note.body.writer.name, note.body.writer.version].filter(Boolean).join(" "),
              version: note.transcript_version,
            })}
          </p>
        </footer>
      </div>
      {change.error && <ProblemNotice error={change.error} />}
      {!readOnly && <SignBar note={note} change={change} />}
    </section>
  );
}

function NoteState({ note }: { note: Note }) {
  const { t } = useTranslation();
  if (note.status === "draft") {
    return (
      <span className={classes.state}>
        <Tag tone="doubt">{t("note.draft")}</Tag> <span className={classes.soft}>{t("note.draftText")}</span>
      </span>
    );
  }
  return <Tag tone="good">{t(note.status === "signed" ? "note.signed" : "note.amended")}</Tag>;
}

function Versions({ note, onVersion }: { note: Note; onVersion: (version: number | undefined) => void }) {
  const { t } = useTranslation();
  const versions = useQuery(noteVersionsQuery(note.note_id)).data?.items ?? [];
  if (versions.length < 2) return null;
  const latest = Math.max(...versions.map((one) => one.version));
  return (
    <NativeSelect
      aria-label={t("note.version")}
      value={String(note.version)}
      onChange={(event) => {
        const wanted = Number(event.currentTarget.value);
        onVersion(wanted === latest ? undefined : wanted);
      }}
      data={versions.map((one) => ({
        value: String(one.version),
        label: t("note.versionLine", { version: one.version, status: t(`note.${one.status}`) }),
      }))}
    />
  );
}

/** The two things that are looked up most. */
export function Summary({ body }: { body: NoteBody }) {
  const { t } = useTranslation();
  return (
    <div className={classes.summary}>
      <div className={classes.fact}>
        <h3>{t("note.diagnosis")}</h3>
        <Fact text={body.diagnosis} language={body.language} />
      </div>
      <div className={classes.fact}>
        <h3>{t("note.followUp")}</h3>
        <Fact text={body.follow_up} language={body.language} />
      </div>
    </div>
  );
}

function Fact({ text, language }: { text: string; language: string }) {
  const { t } = useTranslation();
  return text ? <p lang={language}>{text}</p> : <p className={classes.missing}>{t("note.nothingSaid")}</p>;
}
