import { Code } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CopyButton } from "./CopyButton";
import classes from "./ShownOnce.module.css";

/** A secret that is told this once, to be copied. */
export function ShownOnce({ label, text }: { label: string; text: string }) {
  const { t } = useTranslation();
  return (
    <div className={classes.secret} role="group" aria-label={label}>
      <p className={classes.label}>{label}</p>
      <Code className={classes.text}>{text}</Code>
      <div>
        <CopyButton text={() => text} label={t("app.copy")} />
      </div>
    </div>
  );
}
