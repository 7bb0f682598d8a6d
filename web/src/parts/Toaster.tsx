import { CloseButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { toast, useToast } from "./toast";
import classes from "./Toaster.module.css";

/** Where the last message stands, above everything, away from the content. Read to who cannot see it. */
export function Toaster() {
  const { t } = useTranslation();
  const message = useToast();
  return (
    <div className={classes.place} role="status">
      {message && (
        <div className={classes.toast}>
          <span className={classes.text}>{message.text}</span>
          {message.action}
          <CloseButton size="md" aria-label={t("app.close")} onClick={() => toast(null)} />
        </div>
      )}
    </div>
  );
}
