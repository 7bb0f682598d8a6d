import { Button, Skeleton } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { signOut } from "../../api/calls";
import { meQuery } from "../../api/queries";
import { Card } from "../../parts/Card";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { useTitle } from "../../parts/use-title";
import pages from "../pages.module.css";
import { MyBrowsers } from "./MyBrowsers";
import { PasswordCard } from "./PasswordCard";
import { SecondFactorCard } from "./SecondFactorCard";

/** How the reader signs in, and where they are signed in. */
export function AccountPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery(meQuery);
  useTitle(t("account.title"));
  const leave = async () => {
    await signOut();
    client.clear();
    location.reload();
  };
  return (
    <div className={pages.narrow}>
      <h1>{t("account.title")}</h1>
      <div className={pages.stack}>
        {query.isPending && <Skeleton height={320} role="status" aria-label={t("app.loading")} />}
        {query.error && <ProblemNotice error={query.error} retry={() => void query.refetch()} />}
        {query.data && (
          <>
            <p className={pages.soft}>
              {t("account.who", {
                name: query.data.name,
                role: t(`admin.roles.${query.data.role as "doctor"}`, { defaultValue: query.data.role }),
                clinic: query.data.clinic_name,
              })}
            </p>
            <PasswordCard key={query.data.sign_in_name} me={query.data} />
            <SecondFactorCard me={query.data} />
            <Card title={t("account.browsers")}>
              <MyBrowsers />
            </Card>
            <div>
              <Button variant="default" size="md" onClick={() => void leave()}>
                {t("app.signOut")}
              </Button>
            </div>
          </>
        )}
      </div>
    </div>
  );
}
