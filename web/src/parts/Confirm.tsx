import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./Confirm.module.css";
import { Dialog } from "./Dialog";
import { ProblemNotice } from "./ProblemNotice";

interface ConfirmProps {
  opened: boolean;
  title: string;
  children: ReactNode;
  yes: string;
  no?: string;
  dangerous?: boolean;
  busy?: boolean;
  disabled?: boolean;
  error?: unknown;
  onYes: () => void;
  onClose: () => void;
}

/** Asks before something that cannot be undone. The harmless answer comes first and has the focus. */
export function Confirm(props: ConfirmProps) {
  const { t } = useTranslation();
  return (
    <Dialog opened={props.opened} title={props.title} onClose={props.onClose}>
        {props.children}
        {props.error ? <ProblemNotice error={props.error} /> : null}
        <div className={classes.buttons}>
          <Button variant="default" size="md" onClick={props.onClose} data-autofocus>
            {props.no ?? t("app.cancel")}
          </Button>
          <Button
            size="md"
            onClick={props.onYes}
            loading={props.busy ?? false}
            disabled={props.disabled ?? false}
            className={props.dangerous ? classes.dangerous : undefined}
          >
            {props.yes}
          </Button>
        </div>
    </Dialog>
  );
}
