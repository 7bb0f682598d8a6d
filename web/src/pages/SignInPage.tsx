import { Code } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Card } from "../parts/Card";
import { CopyButton } from "../parts/CopyButton";
import { Notice } from "../parts/Notice";
import { useTitle } from "../parts/use-title";
import { SignInForm } from "./SignInForm";
import classes from "./SignInPage.module.css";

/** What the server says when it sends a browser back here: a link was used, or single sign-on came to nothing. */
const REFUSALS = ["used", "gone", "unauthenticated", "forbidden", "unavailable"] as const;
const COMMAND = "auscult sign-in-link";

/** The server does not know us. Shown in the place of whatever page was asked for, which comes back afterwards. */
export function SignInPage() {
  const { t } = useTranslation();
  useTitle(t("signIn.title"));
  const refused = REFUSALS.find((one) => one === new URLSearchParams(location.search).get("sign-in"));
  const linkWasUsed = refused === "used";
  return (
    <div className={classes.page}>
      <h1>{t("signIn.title")}</h1>
      {refused && (
        <Notice tone="doubt" role="alert" title={t(`signIn.refused.${refused}`)}>
          {t(`signIn.refused.${refused}Text`)}
        </Notice>
      )}
      <Card>
        <SignInForm />
      </Card>
      <p className={classes.soft}>{t("signIn.kept")}</p>
      <details className={classes.other} open={linkWasUsed}>
        <summary>{t("signIn.noPassword")}</summary>
        <p>{t("signIn.askAdmin")}</p>
        <p>{t("signIn.run")}</p>
        <div className={classes.command}>
          <Code>{COMMAND}</Code>
          <CopyButton size="sm" text={() => COMMAND} label={t("app.copy")} />
        </div>
      </details>
    </div>
  );
}
