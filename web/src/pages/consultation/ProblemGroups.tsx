import { Fragment, useId, type ReactNode } from "react";
import type { Section, Statement } from "../../api/types";
import { isGrouped, labelRuns, problemGroups } from "./problem-groups";
import classes from "./ProblemGroups.module.css";

interface ProblemGroupsProps {
  section: Section;
  language: string;
  /** One sentence as a list item; `heads` when the rest of its group stands under it. */
  renderLine: (statement: Statement, heads: boolean) => ReactNode;
}

/** The sentences of a section, each problem with what is done about it apart from the next. */
export function ProblemGroups({ section, language, renderLine }: ProblemGroupsProps) {
  const groups = problemGroups(section, language);
  if (!isGrouped(groups)) {
    return <Lines statements={section.statements} language={language} renderLine={(one) => renderLine(one, false)} />;
  }
  return groups.map(({ name, heading, statements }, place) => (
    // By its place: a problem that is worded anew stays where it is, and keeps the focus that is in it.
    // eslint-disable-next-line react/no-array-index-key
    <div key={place} className={classes.group} role="group" aria-label={name}>
      {heading && <ProblemName language={language}>{heading}</ProblemName>}
      <Lines
        statements={statements}
        language={language}
        renderLine={(one) => renderLine(one, !heading && one === statements[0])}
      />
    </div>
  ));
}

interface LinesProps {
  statements: readonly Statement[];
  language: string;
  renderLine: (statement: Statement) => ReactNode;
}

/** Sentences in a row, those under one label beside it. */
function Lines({ statements, language, renderLine }: LinesProps) {
  return labelRuns(statements).map((run) => {
    const lines = (
      <ul className={classes.lines}>
        {run.statements.map((statement) => (
          <Fragment key={statement.id}>{renderLine(statement)}</Fragment>
        ))}
      </ul>
    );
    return (
      <Fragment key={run.key}>
        {run.label ? (
          <Labelled label={run.label} language={language}>
            {lines}
          </Labelled>
        ) : (
          lines
        )}
      </Fragment>
    );
  });
}

/** A label, which names what stands beside or under it. */
function Labelled({ label, language, children }: { label: string; language: string; children: ReactNode }) {
  const id = useId();
  return (
    <div className={classes.labelled} role="group" aria-labelledby={id}>
      <p id={id} className={classes.label} lang={language}>
        {label}
      </p>
      {children}
    </div>
  );
}

/** What the sentences below are for. */
export function ProblemName({ language, children }: { language: string; children: ReactNode }) {
  return (
    <h4 className={classes.name} lang={language}>
      {children}
    </h4>
  );
}
