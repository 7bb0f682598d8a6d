import { Button, Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./Confirm.module.css";
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
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={props.title}
      centered
      // Locking the page's scroll writes an inline style sheet, which the content security policy refuses.
      lockScroll={false}
      closeButtonProps={{ "aria-label": t("app.close") }}
      classNames={{ title: classes.title }}
    >
      <div className={classes.body}>
        {props.children}
        {props.error ? <ProblemNotice error={props.error} /> : null}
        <div className={classes.buttons}>
          <Button variant="default" size="md" onClick={props.onClose} data-autofocus={props.dangerous || undefined}>
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
      </div>
    </Modal>
  );
}
