import { CloseButton, Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./Dialog.module.css";

interface DialogProps {
  opened: boolean;
  title: string;
  children: ReactNode;
  onClose: () => void;
}

/** A dialog with a title. Put together from parts because Mantine's own header is a second banner landmark. */
export function Dialog({ opened, title, children, onClose }: DialogProps) {
  const { t } = useTranslation();
  return (
    // Locking the page's scroll would write an inline style sheet, which a strict content security policy refuses.
    <Modal.Root opened={opened} onClose={onClose} lockScroll={false} centered>
      <Modal.Overlay />
      <Modal.Content aria-label={title}>
        <div className={classes.head}>
          <h2>{title}</h2>
          <CloseButton size="lg" aria-label={t("app.close")} onClick={onClose} />
        </div>
        <div className={classes.body}>{children}</div>
      </Modal.Content>
    </Modal.Root>
  );
}
