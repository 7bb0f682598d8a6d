import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../parts/Dialog";
import { Notice } from "../../parts/Notice";
import { ShownOnce } from "../../parts/ShownOnce";
import rows from "../access/rows.module.css";

interface SecretDialogProps {
  title: string;
  text: string;
  label: string;
  /** Null while there is none to show. */
  secret: string | null;
  onClose: () => void;
}

/** A secret that was made a moment ago. It is not kept where it could be shown again, so closing is said in words. */
export function SecretDialog({ title, text, label, secret, onClose }: SecretDialogProps) {
  const { t } = useTranslation();
  return (
    <Dialog opened={secret !== null} title={title} onClose={onClose}>
      <Notice tone="doubt" title={t("admin.once")}>
        {text}
      </Notice>
      <ShownOnce label={label} text={secret ?? ""} />
      <div className={rows.buttons}>
        <Button size="md" onClick={onClose}>
          {t("admin.kept")}
        </Button>
      </div>
    </Dialog>
  );
}
