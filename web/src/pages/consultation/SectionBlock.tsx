import { Button } from "@mantine/core";
import { Fragment, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { addStatement } from "../../api/calls";
import type { Note, Section } from "../../api/types";
import { announce } from "../../parts/announce";
import { Icon } from "../../parts/Icon";
import classes from "./NotePanel.module.css";
import { problemGroups } from "./problem-groups";
import { SentenceEditor } from "./SentenceEditor";
import { StatementLine } from "./StatementLine";
import type { NoteChange } from "./use-note-change";

interface SectionBlockProps {
  note: Note;
  section: Section;
  /** Null when this version cannot be changed. */
  change: NoteChange | null;
}

/** One heading of the note and its sentences. */
export function SectionBlock({ note, section, change }: SectionBlockProps) {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  const addButton = useRef<HTMLButtonElement>(null);
  const returning = useRef(false);
  useEffect(() => {
    if (!adding && returning.current) addButton.current?.focus();
    returning.current = adding;
  }, [adding]);
  if (section.statements.length === 0 && !change) return null;
  const add = async (text: string) => {
    if (change && (await change.change((etag) => addStatement(note.note_id, etag, section.title, text)))) {
      setAdding(false);
      announce(t("note.saved"));
    }
  };
  return (
    <section className={classes.section} aria-label={section.title}>
      <div className={classes.sectionHead}>
        <h3 lang={note.body.language}>{section.title}</h3>
        {change && !adding && (
          <Button
            ref={addButton}
            variant="subtle"
            size="compact-sm"
            leftSection={<Icon name="plus" size={16} />}
            aria-label={t("note.addTo", { section: section.title })}
            onClick={() => setAdding(true)}
          >
            {t("note.add")}
          </Button>
        )}
      </div>
      {problemGroups(section, note.body.language).map(({ heading, statements }) => (
        <Fragment key={statements[0]?.id ?? "none"}>
          {heading && (
            <h4 className={classes.problem} lang={note.body.language}>
              {heading}
            </h4>
          )}
          <ul className={classes.statements}>
            {statements.map((statement) => (
              <StatementLine key={statement.id} note={note} statement={statement} change={change} />
            ))}
          </ul>
        </Fragment>
      ))}
      {adding && (
        <SentenceEditor
          label={t("note.newSentence")}
          text=""
          busy={change?.busy ?? false}
          onSave={(text) => void add(text)}
          onCancel={() => setAdding(false)}
        />
      )}
    </section>
  );
}
