import { Button, Skeleton } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { noteVersionsQuery, patientNotesQuery, recordingsQuery } from "../../api/queries";
import { WORKING, type Note } from "../../api/types";
import { useFormat } from "../../i18n/format";
import { Card } from "../../parts/Card";
import { Icon } from "../../parts/Icon";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { StatusBadge, Tag } from "../../parts/StatusBadge";
import { firstWords } from "./first-words";
import classes from "./PatientPage.module.css";

const TONES = { draft: "doubt", signed: "good", amended: "calm" } as const;

/** A patient's notes, newest first, each with its versions; before them, what is being written now. */
export function NotesList({ patientId }: { patientId: string }) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(patientNotesQuery(patientId));
  const notes = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card title={t("person.notes")}>
      <BeingWritten patientId={patientId} />
      {query.isPending && <Skeleton height={180} role="status" aria-label={t("app.loading")} />}
      {query.error && <ProblemNotice error={query.error} retry={() => void query.refetch()} />}
      {query.isSuccess && notes.length === 0 && (
        <div className={classes.empty}>
          <strong>{t("person.noNotes")}</strong>
          <p>{t("person.noNotesText")}</p>
        </div>
      )}
      {notes.length > 0 && (
        <ul className={classes.notes}>
          {notes.map((note) => (
            <NoteRow key={note.note_id} note={note} />
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <Button variant="subtle" fullWidth onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
          {t("list.more")}
        </Button>
      )}
    </Card>
  );
}

function NoteRow({ note }: { note: Note }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <li className={classes.note}>
      <Link to="/notes/$noteId" params={{ noteId: note.note_id }} className={classes.noteLink}>
        <span className={classes.noteHead}>
          <strong>{format.moment(note.created_at)}</strong>
          <Tag tone={TONES[note.status]}>{t(`note.${note.status}`)}</Tag>
          {note.demo_quality && <Tag tone="doubt">{t("note.demo")}</Tag>}
        </span>
        <span className={classes.words}>{firstWords(note) || t("person.emptyNote")}</span>
        <Icon name="chevron" size={18} />
      </Link>
      {note.version > 1 ? (
        <Versions noteId={note.note_id} />
      ) : (
        note.signature && (
          <p className={classes.version}>
            {t("note.signedBy", { name: note.signature.name, time: format.moment(note.signature.at) })}
          </p>
        )
      )}
    </li>
  );
}

/** Every version of a note that has more than one: what was signed stays in sight. */
function Versions({ noteId }: { noteId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const versions = useQuery(noteVersionsQuery(noteId)).data?.items ?? [];
  return (
    <ol className={classes.versions} aria-label={t("note.version")}>
      {versions
        .toSorted((a, b) => b.version - a.version)
        .map((one) => (
          <li key={one.version} className={classes.version}>
            {[
              t("note.versionLine", { version: String(one.version), status: t(`note.${one.status}`) }),
              one.signature && t("note.signedBy", { name: one.signature.name, time: format.moment(one.signature.at) }),
              one.amendment_reason && t("note.amends", { reason: one.amendment_reason }),
            ]
              .filter(Boolean)
              .join(" · ")}
          </li>
        ))}
    </ol>
  );
}

/** Recordings of this patient that have no note yet. */
function BeingWritten({ patientId }: { patientId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useInfiniteQuery(recordingsQuery);
  const found = (query.data?.pages.flatMap((page) => page.items) ?? []).filter(
    (one) => one.patient_id === patientId && (one.status === "open" || WORKING.includes(one.status)),
  );
  if (found.length === 0) return null;
  return (
    <ul className={classes.notes} aria-label={t("person.beingWritten")}>
      {found.map((one) => (
        <li key={one.recording_id} className={classes.note}>
          <Link to="/recordings/$recordingId" params={{ recordingId: one.recording_id }} className={classes.noteLink}>
            <span className={classes.noteHead}>
              <strong>{format.moment(one.created_at)}</strong>
              <StatusBadge status={one.status} />
            </span>
            <span className={classes.words}>{t("person.beingWritten")}</span>
            <Icon name="chevron" size={18} />
          </Link>
        </li>
      ))}
    </ul>
  );
}
