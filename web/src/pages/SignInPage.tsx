import { Button, Code } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { meQuery } from "../api/queries";
import { Card } from "../parts/Card";
import { CopyButton } from "../parts/CopyButton";
import { Notice } from "../parts/Notice";
import { useTitle } from "../parts/use-title";
import classes from "./pages.module.css";

const COMMAND = "auscult sign-in-link";

/** The server does not know us: say how to change that. */
export function SignInPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  useTitle(t("signIn.title"));
  const linkWasUsed = new URLSearchParams(location.search).get("sign-in") === "used";
  return (
    <div className={classes.narrow}>
      <h1>{t("signIn.title")}</h1>
      <Card>
        <div className={classes.stack}>
          {linkWasUsed ? (
            <Notice tone="doubt" role="alert" title={t("signIn.used")} />
          ) : (
            <p>{t("signIn.text")}</p>
          )}
          <p>{t(linkWasUsed ? "signIn.run" : "signIn.again")}</p>
          <div className={classes.command}>
            <Code>{COMMAND}</Code>
            <CopyButton size="sm" text={() => COMMAND} label={t("app.copy")} />
          </div>
          <p className={classes.soft}>{t("signIn.kept")}</p>
          <div>
            <Button size="md" onClick={() => void client.invalidateQueries({ queryKey: meQuery.queryKey })}>
              {t("signIn.check")}
            </Button>
          </div>
        </div>
      </Card>
    </div>
  );
}
