import { Fragment, type ReactNode } from "react";
import type { Section, Statement } from "../../api/types";
import { isGrouped, problemGroups } from "./problem-groups";
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
    return (
      <ul className={classes.lines}>
        {section.statements.map((statement) => (
          <Fragment key={statement.id}>{renderLine(statement, false)}</Fragment>
        ))}
      </ul>
    );
  }
  return groups.map(({ name, heading, statements }, place) => (
    // By its place: a problem that is worded anew stays where it is, and keeps the focus that is in it.
    // eslint-disable-next-line react/no-array-index-key
    <div key={place} className={classes.group} role="group" aria-label={name}>
      {heading && <ProblemName language={language}>{heading}</ProblemName>}
      <ul className={classes.lines}>
        {statements.map((statement, index) => (
          <Fragment key={statement.id}>{renderLine(statement, !heading && index === 0)}</Fragment>
        ))}
      </ul>
    </div>
  ));
}

/** What the sentences below are for. */
export function ProblemName({ language, children }: { language: string; children: ReactNode }) {
  return (
    <h4 className={classes.name} lang={language}>
      {children}
    </h4>
  );
}
