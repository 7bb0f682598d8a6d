import { Button } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { editStatement, keepStatement, removeStatement } from "../../api/calls";
import type { Note, Statement } from "../../api/types";
import { useSaid } from "../../i18n/said";
import { announce } from "../../parts/announce";
import { Icon } from "../../parts/Icon";
import { clinicianOf, turnIdsOf, useEvidence } from "./evidence";
import classes from "./NotePanel.module.css";
import { ProblemName } from "./ProblemGroups";
import { SentenceEditor } from "./SentenceEditor";
import type { NoteChange, NoteCall } from "./use-note-change";

interface StatementLineProps {
  note: Note;
  statement: Statement;
  change: NoteChange | null;
  /** The sentences of its group stand under it. */
  heads: boolean;
}

/** One sentence: choosing it shows its source; a doubtful one asks for a decision. */
export function StatementLine({ note, statement, change, heads }: StatementLineProps) {
  const { t } = useTranslation();
  const evidence = useEvidence();
  const [editing, setEditing] = useState(false);
  const sentence = useRef<HTMLButtonElement>(null);
  const chosen = evidence.chosen === statement.id;
  const undecided = note.status === "draft" && note.blocking.includes(statement.id);
  const id = `statement-${statement.id}`;
  const returning = useRef(false);

  // The sentence comes back when the field goes: the keyboard goes on from it.
  useEffect(() => {
    if (!editing && returning.current) sentence.current?.focus();
    returning.current = editing;
  }, [editing]);

  const run = async (call: NoteCall, said: string, focus?: string) => {
    if (change && (await change.change(call, focus))) {
      setEditing(false);
      announce(said);
      return true;
    }
    return false;
  };
  const keep = async () => {
    if (await run((etag) => keepStatement(note.note_id, statement.id, etag), t("note.kept"))) sentence.current?.focus();
  };
  const remove = async () => {
    const section = sentence.current?.closest("section");
    const lines = [...(section?.querySelectorAll(`li.${classes.statement}`) ?? [])];
    const place = lines.findIndex((line) => line.id === id);
    const next = lines[place + 1] ?? lines[place - 1];
    const done = await run((etag) => removeStatement(note.note_id, statement.id, etag), t("note.removed"), next?.id);
    if (done && !next) section?.querySelector("button")?.focus();
  };
  const save = (text: string) =>
    void run((etag) => editStatement(note.note_id, statement.id, etag, text), t("note.saved"));
  const press = (event: React.KeyboardEvent) => {
    if (!change || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "e" || event.key === "F2") {
      event.preventDefault();
      setEditing(true);
    }
    if (event.key === "Delete") void remove();
  };

  if (editing) {
    return (
      <li className={classes.statement} data-chosen id={id}>
        <SentenceEditor
          label={t("note.sentence")}
          text={statement.text}
          busy={change?.busy ?? false}
          onSave={save}
          onCancel={() => setEditing(false)}
        />
      </li>
    );
  }
  const words = (
    <button
      ref={sentence}
      type="button"
      className={classes.sentence}
      lang={note.body.language}
      aria-pressed={chosen}
      aria-describedby={undecided ? `${id}-doubt` : undefined}
      onClick={() => evidence.choose(statement.id, statement.sources)}
      onKeyDown={press}
    >
      {statement.text}
    </button>
  );
  return (
    <li className={classes.statement} data-chosen={chosen || undefined} data-doubt={undecided || undefined} id={id}>
      {heads ? <ProblemName language={note.body.language}>{words}</ProblemName> : words}
      <Provenance statement={statement} />
      {undecided && <Doubts id={`${id}-doubt`} note={note} statement={statement} />}
      {(chosen || (undecided && change)) && (
        <div className={classes.under}>
          {chosen && <Quotes statement={statement} />}
          {change && (
            <div className={classes.buttons}>
              {undecided && (
                <Button size="sm" onClick={() => void keep()} disabled={change.busy} leftSection={<Icon name="check" size={16} />}>
                  {t("note.keep")}
                </Button>
              )}
              <Button size="sm" variant="default" onClick={() => setEditing(true)} leftSection={<Icon name="pencil" size={16} />}>
                {t("note.edit")}
              </Button>
              <Button size="sm" variant="default" onClick={() => void remove()} disabled={change.busy} leftSection={<Icon name="trash" size={16} />}>
                {t("note.remove")}
              </Button>
            </div>
          )}
        </div>
      )}
    </li>
  );
}

/** Who stands for it, when a person does. */
function Provenance({ statement }: { statement: Statement }) {
  const { t } = useTranslation();
  const author = clinicianOf(statement.sources);
  if (statement.decision) return <p className={classes.aside}>{t("note.keptBy", { name: statement.decision.name })}</p>;
  return author ? <p className={classes.aside}>{t("note.editedBy", { name: author })}</p> : null;
}

/** What is doubted of a sentence, or of a medicine that it tells of. */
function Doubts({ id, note, statement }: { id: string; note: Note; statement: Statement }) {
  const { t } = useTranslation();
  const said = useSaid();
  const medicines = note.body.medications.filter((medicine) => medicine.statement_ids.includes(statement.id));
  const flags = [statement, ...medicines].flatMap((doubted) => doubted.flags);
  const reasons = flags.length > 0 ? [...new Set(flags.map((flag) => flag.reason))] : [t("note.unsupported")];
  return (
    <div className={classes.under} id={id}>
      {reasons.map((reason, index) => (
        <p key={reason} className={classes.doubt}>
          <Icon name="alert" size={18} />
          <span>
            {index === 0 && <strong>{t("note.needsDecision")}: </strong>}
            {said(reason)}
          </span>
        </p>
      ))}
    </div>
  );
}

/** On a narrow screen the transcript is far away: the words are quoted under the sentence. */
export function Quotes({ statement }: { statement: Statement }) {
  const { t } = useTranslation();
  const { turns, playFrom } = useEvidence();
  const ids = turnIdsOf(statement.sources);
  const quoted = turns.filter((turn) => ids.includes(turn.id));
  if (quoted.length === 0) return null;
  return (
    <blockquote className={classes.quotes}>
      {quoted.map((turn) => (
        <p key={turn.id} lang={turn.language}>
          <b>{t(`transcript.${turn.speaker}`)}:</b> {turn.text}
        </p>
      ))}
      {playFrom && quoted[0] && (
        <div>
          <Button
            size="compact-md"
            variant="subtle"
            leftSection={<Icon name="play" size={16} />}
            onClick={() => quoted[0] && playFrom(quoted[0].start)}
          >
            {t("note.play")}
          </Button>
        </div>
      )}
    </blockquote>
  );
}
