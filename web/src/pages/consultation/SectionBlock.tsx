import { Button, NativeSelect } from "@mantine/core";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { addStatement } from "../../api/calls";
import type { Note, Section } from "../../api/types";
import { sectionTitle } from "../../i18n/section-title";
import { announce } from "../../parts/announce";
import { Icon } from "../../parts/Icon";
import { useEvidence } from "./evidence";
import classes from "./NotePanel.module.css";
import { isGrouped, otherProblems, problemGroups } from "./problem-groups";
import { ProblemGroups } from "./ProblemGroups";
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
  const { chosen } = useEvidence();
  const [adding, setAdding] = useState(false);
  /** The problem that the new sentence is for; empty for none. */
  const [problem, setProblem] = useState("");
  /** The label that it stands under; empty for none. */
  const [label, setLabel] = useState("");
  const heading = useId();
  const addButton = useRef<HTMLButtonElement>(null);
  const returning = useRef(false);
  useEffect(() => {
    if (!adding && returning.current) addButton.current?.focus();
    returning.current = adding;
  }, [adding]);
  if (section.statements.length === 0 && !change) return null;
  const { language } = note.body;
  const groups = problemGroups(section, language);
  const problems = isGrouped(groups) ? [...new Set(section.statements.map((one) => one.problem).filter(Boolean))] : [];
  const title = sectionTitle(section.title, language);
  const alike = section.statements.filter((one) => one.problem === problem);
  const labels = [...new Set(alike.map((one) => one.label).filter(Boolean))];
  const open = () => {
    const above = section.statements.find((one) => one.id === chosen);
    setProblem(above?.problem ?? "");
    setLabel(above?.label ?? "");
    setAdding(true);
  };
  const chooseProblem = (wanted: string) => {
    setProblem(wanted);
    setLabel("");
  };
  const add = async (text: string) => {
    // Behind a sentence it is for the problem of that one, under its label; at the end of the section for none.
    const above = alike.findLast((one) => one.label === label) ?? alike.at(-1);
    const after = problem || label ? above?.id : undefined;
    if (change && (await change.change((etag) => addStatement(note.note_id, etag, section.title, text, after)))) {
      setAdding(false);
      announce(t("note.saved"));
    }
  };
  return (
    <section className={classes.section} aria-labelledby={heading}>
      <div className={classes.sectionHead}>
        <h3 id={heading} lang={language}>
          {title}
        </h3>
        {change && !adding && (
          <Button
            ref={addButton}
            variant="subtle"
            size="compact-sm"
            leftSection={<Icon name="plus" size={16} />}
            aria-label={t("note.addTo", { section: title })}
            onClick={open}
          >
            {t("note.add")}
          </Button>
        )}
      </div>
      <ProblemGroups
        section={section}
        language={language}
        renderLine={(statement, heads) => <StatementLine note={note} statement={statement} change={change} heads={heads} />}
      />
      {adding && (
        <SentenceEditor
          label={t("note.newSentence")}
          text=""
          busy={change?.busy ?? false}
          onSave={(text) => void add(text)}
          onCancel={() => setAdding(false)}
        >
          {problems.length > 0 && (
            <NativeSelect
              label={t("note.forProblem")}
              value={problem}
              onChange={(event) => chooseProblem(event.currentTarget.value)}
              data={[...problems, ""].map((one) => ({ value: one, label: one || otherProblems(language) }))}
            />
          )}
          {labels.length > 0 && (
            <NativeSelect
              label={t("note.underLabel")}
              value={label}
              onChange={(event) => setLabel(event.currentTarget.value)}
              data={["", ...labels].map((one) => ({ value: one, label: one || t("note.noLabel") }))}
            />
          )}
        </SentenceEditor>
      )}
    </section>
  );
}
