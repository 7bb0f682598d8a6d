import type { ReactNode } from "react";
import classes from "./Card.module.css";

/** A white sheet on the page's ground. With a title it is a region of that name. */
export function Card({ title, level = 2, children, tight }: { title?: string; level?: 2 | 3; children: ReactNode; tight?: boolean }) {
  if (!title) return <div className={classes.card} data-tight={tight || undefined}>{children}</div>;
  const Heading = `h${level}` as const;
  return (
    <section className={classes.card} aria-label={title} data-tight={tight || undefined}>
      <Heading className={classes.title}>{title}</Heading>
      {children}
    </section>
  );
}
