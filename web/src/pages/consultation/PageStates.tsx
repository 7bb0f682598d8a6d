import { Skeleton, VisuallyHidden } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { asProblem } from "../../api/problem";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { useTitle } from "../../parts/use-title";
import classes from "../pages.module.css";

export function PageWaiting() {
  const { t } = useTranslation();
  return (
    <>
      <VisuallyHidden component="h1">{t("app.loading")}</VisuallyHidden>
      <div className={classes.stack} role="status" aria-label={t("app.loading")}>
        <Skeleton height={36} width={280} />
        <Skeleton height={220} />
      </div>
    </>
  );
}

export function PageProblem({ error, retry }: { error: unknown; retry: () => void }) {
  const { t } = useTranslation();
  useTitle(t("app.notShown"));
  return (
    <div className={classes.narrow}>
      <h1>{t("app.notShown")}</h1>
      <div className={classes.stack}>
        <ProblemNotice error={error} retry={asProblem(error).status === 404 ? undefined : retry} />
        <p>
          <Link to="/">{t("app.goHome")}</Link>
        </p>
      </div>
    </div>
  );
}
