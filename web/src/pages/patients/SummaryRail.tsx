import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Summary } from "../../api/clinic-types";
import { summaryQuery } from "../../api/queries";
import { useFormat } from "../../i18n/format";
import { Icon } from "../../parts/Icon";
import { ProblemNotice } from "../../parts/ProblemNotice";
import classes from "./PatientPage.module.css";
import { SECTIONS, type RailLine, type RailSection } from "./rail-sections";

/** What a clinician wants to see before the first word: a section for each line of the list in `rail-sections`. */
export function SummaryRail({ patientId }: { patientId: string }) {
  const { t } = useTranslation();
  const query = useQuery(summaryQuery(patientId));
  return (
    <aside className={classes.rail} aria-label={t("person.summary")}>
      {query.isPending && <Skeleton height={300} role="status" aria-label={t("app.loading")} />}
      {query.error && <ProblemNotice error={query.error} retry={() => void query.refetch()} />}
      {query.data && SECTIONS.map((section) => <RailPart key={section.title} section={section} summary={query.data} />)}
    </aside>
  );
}

function RailPart({ section, summary }: { section: RailSection; summary: Summary }) {
  const { t } = useTranslation();
  const lines = section.lines(summary);
  const alarm = section.alarming === true && lines.length > 0;
  return (
    <section className={classes.part} data-alarm={alarm || undefined} aria-labelledby={`rail-${section.title}`}>
      <h2 id={`rail-${section.title}`}>
        {alarm && <Icon name="alert" size={18} />}
        {t(`person.rail.${section.title}`)}
      </h2>
      {lines.length === 0 ? (
        <p className={classes.none}>{t(`person.none.${section.title}`)}</p>
      ) : (
        <ul>
          {lines.map((line) => (
            <li key={line.key}>
              <Line line={line} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Line({ line }: { line: RailLine }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words: ReactNode = line.value ? (
    <>
      <span className={classes.soft}>{line.text}</span> <strong>{line.value}</strong>
    </>
  ) : (
    line.text
  );
  if (!line.noteId) return words;
  return (
    <Link to="/notes/$noteId" params={{ noteId: line.noteId }} className={classes.measured} title={t("person.fromNote")}>
      {words}
      {line.at && <span className={classes.soft}> {format.moment(line.at)}</span>}
    </Link>
  );
}
