import type { ReactNode } from "react";
import { Icon, type IconName } from "./Icon";
import classes from "./Notice.module.css";

type Tone = "doubt" | "danger" | "good" | "calm";
const ICONS: Record<Tone, IconName> = { doubt: "alert", danger: "alert", good: "check", calm: "wave" };

interface NoticeProps {
  tone: Tone;
  title?: ReactNode;
  children?: ReactNode;
  /** Buttons or links: what to do about it. */
  actions?: ReactNode;
  /** `alert` is read at once; `status` when the reader pauses. Nothing for what was there from the start. */
  role?: "alert" | "status";
}

/** A message that belongs to the page: what is the matter, and what to do. */
export function Notice({ tone, title, children, actions, role }: NoticeProps) {
  return (
    <div className={classes.notice} data-tone={tone} role={role}>
      <span className={classes.icon}>
        <Icon name={ICONS[tone]} />
      </span>
      <div className={classes.words}>
        {title && <p className={classes.title}>{title}</p>}
        {children && <div className={classes.text}>{children}</div>}
        {actions && <div className={classes.actions}>{actions}</div>}
      </div>
    </div>
  );
}
