import { Button } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { CopyButton } from "../../parts/CopyButton";
import { Icon } from "../../parts/Icon";
import { Notice } from "../../parts/Notice";
import rows from "../access/rows.module.css";
import classes from "./RecoveryCodes.module.css";

/** The codes for a lost telephone: told this once, so taking them along is made easy. */
export function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const text = () => `${t("account.codesFile")}\n\n${codes.join("\n")}\n`;
  const download = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text()], { type: "text/plain" }));
    link.download = "auscult-recovery-codes.txt";
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <>
      <Notice tone="good" role="status" title={t("account.factorIsOn")} />
      <div className={classes.sheet}>
        <h3 ref={heading} tabIndex={-1}>
          {t("account.codes")}
        </h3>
        <p>{t("account.codesText")}</p>
        <ul className={classes.codes}>
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ul>
      </div>
      <div className={rows.acts}>
        <CopyButton text={text} label={t("app.copy")} />
        <Button variant="default" leftSection={<Icon name="download" size={18} />} onClick={download}>
          {t("account.download")}
        </Button>
        <Button variant="default" leftSection={<Icon name="print" size={18} />} onClick={() => print()}>
          {t("account.print")}
        </Button>
      </div>
      <div className={rows.buttons}>
        <Button size="md" onClick={onDone}>
          {t("account.codesKept")}
        </Button>
      </div>
    </>
  );
}
