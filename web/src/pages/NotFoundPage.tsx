import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useTitle } from "../parts/use-title";
import classes from "./pages.module.css";

export function NotFoundPage() {
  const { t } = useTranslation();
  useTitle(t("app.nothingHere"));
  return (
    <div className={classes.narrow}>
      <h1>{t("app.nothingHere")}</h1>
      <p>{t("app.nothingHereText")}</p>
      <p>
        <Link to="/">{t("app.goHome")}</Link>
      </p>
    </div>
  );
}
