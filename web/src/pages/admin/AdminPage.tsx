import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { meQuery } from "../../api/queries";
import { Notice } from "../../parts/Notice";
import { useTitle } from "../../parts/use-title";
import pages from "../pages.module.css";
import classes from "./AdminPage.module.css";

/** What an admin does, each on a page of its own: another page is another line here and a route. */
const PAGES = [
  { to: "/admin", name: "people" },
  { to: "/admin/sessions", name: "sessions" },
  { to: "/admin/keys", name: "keys" },
  { to: "/admin/devices", name: "devices" },
  { to: "/admin/screens", name: "screens" },
  { to: "/admin/audit", name: "audit" },
] as const;

/** The frame of the admin's pages. The server refuses everybody else; they are told so before they try. */
export function AdminPage() {
  const { t } = useTranslation();
  const me = useQuery(meQuery).data;
  useTitle(t("admin.title"));
  return (
    <div className={classes.page}>
      <h1>{t("admin.title")}</h1>
      {!me && <Skeleton height={320} role="status" aria-label={t("app.loading")} />}
      {me && !me.administers && (
        <Notice tone="doubt" title={t("admin.notYou")}>
          {t("admin.notYouText")}
        </Notice>
      )}
      {me?.administers && (
        <>
          <nav className={classes.nav} aria-label={t("admin.title")}>
            {PAGES.map((page) => (
              <Link key={page.to} to={page.to} className={classes.link} activeOptions={{ exact: true }}>
                {t(`admin.nav.${page.name}`)}
              </Link>
            ))}
          </nav>
          <div className={pages.stack}>
            <Outlet />
          </div>
        </>
      )}
    </div>
  );
}
