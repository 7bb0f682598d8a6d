import { Button, Skeleton } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { transcribeAgain } from "../../api/calls";
import { comparisonQuery, enginesQuery, noteQuery } from "../../api/queries";
import type { NoteBody, Recording, Section } from "../../api/types";
import { useFormat } from "../../i18n/format";
import { sectionTitle } from "../../i18n/section-title";
import { Card } from "../../parts/Card";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { WhisperOffer } from "../../parts/WhisperOffer";
import { lineOf } from "./medicine";
import { ProblemGroups, ProblemName } from "./ProblemGroups";
import classes from "./SamplePanel.module.css";

/** More than this share of wrong words, and a better engine is worth its download. */
const POOR = 0.25;

/** How much of the made-up visit was heard, what that did to the note, and how to hear more. */
export function SamplePanel({ recording }: { recording: Recording }) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const comparison = useQuery(comparisonQuery(recording.recording_id));
  const heard = useQuery({ ...noteQuery(recording.note_id ?? ""), enabled: Boolean(recording.note_id) });
  const engines = useQuery(enginesQuery);
  const again = useMutation({
    mutationFn: () => transcribeAgain(recording.recording_id),
    onSuccess: () => client.invalidateQueries({ queryKey: ["recording", recording.recording_id] }),
  });
  if (comparison.isPending) return <Skeleton height={200} role="status" aria-label={t("app.loading")} />;
  if (comparison.error) return <ProblemNotice error={comparison.error} retry={() => void comparison.refetch()} />;
  const { word_error_rate: rate, script_words: words, script_note: scriptNote } = comparison.data;
  const poor = rate > POOR || Boolean(recording.demo_quality);
  const provisioned = engines.data?.whisper.sizes.some((size) => size.provisioned);
  return (
    <Card title={t("sample.heardTitle")}>
      <div className={classes.panel}>
        <div className={classes.figure}>
          <meter
            className={classes.meter}
            min={0}
            max={1}
            low={1 - POOR}
            high={0.9}
            optimum={1}
            value={Math.max(0, 1 - rate)}
            aria-label={t("sample.heardTitle")}
          />
          <p className={classes.sentence}>{t("sample.heard", { percent: format.percent(Math.max(0, 1 - rate)) })}</p>
          <p className={classes.soft}>
            {t("sample.wer", { percent: format.percent(rate), errors: format.number(Math.round(rate * words)), words: format.number(words) })}{" "}
            {t(poor ? "sample.poor" : "sample.good")}
          </p>
        </div>
        <div className={classes.pair}>
          {heard.data && <Excerpt title={t("sample.fromHeard")} body={heard.data.body} />}
          <Excerpt title={t("sample.fromScript")} body={scriptNote} />
        </div>
        {engines.data && (poor || provisioned) && (
          <div className={classes.better}>
            <h3>{t("sample.better")}</h3>
            <WhisperOffer engines={engines.data} />
            {provisioned && recording.demo_quality && (
              <Button onClick={() => again.mutate()} loading={again.isPending}>
                {t("sample.again")}
              </Button>
            )}
            {again.error && <ProblemNotice error={again.error} />}
          </div>
        )}
      </div>
    </Card>
  );
}

const hasStatements = (section: Section): boolean => section.statements.length > 0;

/** A note to be read, not worked on. */
function Excerpt({ title, body }: { title: string; body: NoteBody }) {
  const { t } = useTranslation();
  return (
    <section className={classes.excerpt} aria-label={title}>
      <h3>{title}</h3>
      <dl>
        <dt>{t("note.diagnosis")}</dt>
        <dd>{body.diagnosis || t("note.nothingSaid")}</dd>
        <dt>{t("note.followUp")}</dt>
        <dd>{body.follow_up || t("note.nothingSaid")}</dd>
        <dt>{t("note.medicines")}</dt>
        <dd>
          {body.medications.length === 0
            ? t("medicine.none")
            : body.medications.map((medicine) => (
                <div key={medicine.name + medicine.as_written}>
                  {lineOf(medicine, t("medicine.asNeeded", { lng: body.language }))}
                </div>
              ))}
        </dd>
        {body.sections.filter(hasStatements).map((section) => (
          <div key={section.title} className={classes.section}>
            <dt lang={body.language}>{sectionTitle(section.title, body.language)}</dt>
            <dd>
              <ProblemGroups
                section={section}
                language={body.language}
                renderLine={({ text }, heads) => (
                  <li lang={body.language}>{heads ? <ProblemName language={body.language}>{text}</ProblemName> : text}</li>
                )}
              />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
