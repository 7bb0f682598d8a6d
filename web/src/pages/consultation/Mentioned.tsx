import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useId, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { addOmitted, dismissOmitted } from "../../api/calls";
import { noteQuery } from "../../api/queries";
import type { Note, Statement } from "../../api/types";
import { sectionTitle } from "../../i18n/section-title";
import { announce } from "../../parts/announce";
import { Icon } from "../../parts/Icon";
import { Keys } from "../../parts/Keys";
import { Tag } from "../../parts/StatusBadge";
import { useEvidence } from "./evidence";
import classes from "./NotePanel.module.css";
import { shownOffers } from "./offers";
import { Quotes } from "./StatementLine";
import type { NoteChange } from "./use-note-change";

interface Done {
  text: string;
  /** The note as it was made by it: on any other it is no news. */
  etag: string | undefined;
}

/** What was said, and is not in the note: each with its source, added with one click or put aside. */
export function Mentioned({ note, change }: { note: Note; change: NoteChange }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const title = useId();
  const list = useRef<HTMLUListElement>(null);
  const [all, setAll] = useState(false);
  const [done, setDone] = useState<Done | null>(null);
  const offers = note.body.omitted;
  const news = done?.etag === note.etag ? done.text : null;
  if (offers.length === 0 && !news) return null;
  const shown = shownOffers(offers, all);

  const decide = async (line: Element | null, statement: Statement, how: "add" | "dismiss") => {
    const next = line?.nextElementSibling ?? line?.previousElementSibling;
    const call = how === "add" ? addOmitted : dismissOmitted;
    if (change.busy) return;
    if (!(await change.change((etag) => call(note.note_id, statement.id, etag)))) {
      line?.querySelector("button")?.focus({ preventScroll: true });
      return;
    }
    const text = how === "add" ? t("mentioned.added", { section: sectionTitle(statement.section, note.body.language) }) : t("mentioned.dismissed");
    setDone({ text, etag: client.getQueryData(noteQuery(note.note_id).queryKey)?.etag });
    announce(text);
    // The line is gone: the keyboard goes on from the next one, or from the top of the note after the last.
    const goOn = next?.isConnected ? next.querySelector("button") : document.getElementById("note-title");
    goOn?.focus({ preventScroll: true });
  };

  // The button is gone with its click: the keyboard goes on from the first line that was hidden.
  const showAll = () => {
    flushSync(() => setAll(true));
    list.current?.children[shown.length]?.querySelector("button")?.focus();
  };

  return (
    <section className={classes.mentioned} aria-labelledby={title}>
      <h3>
        <span id={title}>{t("mentioned.title")}</span>
        {offers.length > 0 && <Tag tone="calm">{String(offers.length)}</Tag>}
      </h3>
      {offers.length > 0 && (
        <>
          <div className={classes.mentionedText}>
            <p className={classes.soft}>{t("mentioned.text")}</p>
            <Keys hint="mentioned.keys" />
          </div>
          <ul className={classes.offers} ref={list}>
            {shown.map((statement) => (
              <Offer key={statement.id} note={note} statement={statement} busy={change.busy} decide={decide} />
            ))}
          </ul>
          {shown.length < offers.length && (
            <div>
              <Button variant="default" size="sm" onClick={showAll}>
                {t("mentioned.showAll", { count: offers.length })}
              </Button>
            </div>
          )}
        </>
      )}
      {news && <p className={classes.news}>{news}</p>}
    </section>
  );
}

interface OfferProps {
  note: Note;
  statement: Statement;
  busy: boolean;
  decide: (line: Element | null, statement: Statement, how: "add" | "dismiss") => Promise<void>;
}

function Offer({ note, statement, busy, decide }: OfferProps) {
  const { t } = useTranslation();
  const evidence = useEvidence();
  const key = `omitted-${statement.id}`;
  const chosen = evidence.chosen === key;
  const { language } = note.body;
  const add = t("mentioned.addTo", { section: sectionTitle(statement.section, language) });
  const under = [statement.problem === statement.term ? "" : statement.problem, statement.label].filter(Boolean).join(" · ");
  const act = (event: React.SyntheticEvent, how: "add" | "dismiss") =>
    void decide(event.currentTarget.closest("li"), statement, how);
  const press = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "a" || event.key === "A") act(event, "add");
    if (event.key === "Delete") act(event, "dismiss");
  };
  return (
    <li className={`${classes.statement} ${classes.offer}`} data-chosen={chosen || undefined}>
      {under && (
        <p id={`${key}-under`} className={classes.offerLabel} lang={language}>
          {under}
        </p>
      )}
      <button
        type="button"
        className={classes.sentence}
        lang={language}
        aria-pressed={chosen}
        aria-describedby={under ? `${key}-under` : undefined}
        onClick={() => evidence.choose(key, statement.sources)}
        onKeyDown={press}
      >
        {statement.text}
      </button>
      <div className={classes.buttons}>
        <Button
          size="sm"
          variant="default"
          leftSection={<Icon name="plus" size={16} />}
          aria-label={`${add}: ${statement.text}`}
          disabled={busy}
          onClick={(event) => act(event, "add")}
        >
          {add}
        </Button>
        <Button
          size="sm"
          variant="subtle"
          aria-label={`${t("mentioned.dismiss")}: ${statement.text}`}
          disabled={busy}
          onClick={(event) => act(event, "dismiss")}
        >
          {t("mentioned.dismiss")}
        </Button>
      </div>
      {chosen && <Quotes statement={statement} />}
    </li>
  );
}
