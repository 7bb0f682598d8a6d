import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { enginesQuery } from "../api/queries";
import type { Engines } from "../api/types";
import { useSaid } from "../i18n/said";
import { Card } from "../parts/Card";
import { Commands, commandsIn } from "../parts/Commands";
import { CopyButton } from "../parts/CopyButton";
import { ProblemNotice } from "../parts/ProblemNotice";
import { Tag } from "../parts/StatusBadge";
import { useTitle } from "../parts/use-title";
import { WhisperOffer } from "../parts/WhisperOffer";
import classes from "./EnginesPage.module.css";
import pages from "./pages.module.css";

type RoleName = "speech" | "speakers" | "writer" | "records" | "objects" | "jobs";

/** What each role is bound to on this machine, what is missing, and how to get it. */
export function EnginesPage() {
  const { t } = useTranslation();
  const query = useQuery(enginesQuery);
  useTitle(t("engines.title"));
  return (
    <div className={pages.narrow}>
      <h1>{t("engines.title")}</h1>
      <div className={pages.stack}>
        <p className={pages.soft}>{t("engines.text")}</p>
        {query.isPending && <Skeleton height={320} role="status" aria-label={t("app.loading")} />}
        {query.error && <ProblemNotice error={query.error} retry={() => void query.refetch()} />}
        {query.data && (
          <>
            <Card>
              <ul className={classes.roles}>
                {query.data.roles.map((role) => (
                  <RoleLine key={role.role} role={role} />
                ))}
              </ul>
            </Card>
            <Card title={t("engines.whisper")}>
              <WhisperOffer engines={query.data} />
            </Card>
          </>
        )}
      </div>
    </div>
  );
}

function RoleLine({ role }: { role: Engines["roles"][number] }) {
  const { t } = useTranslation();
  const said = useSaid();
  const commands = commandsIn(role.missing ?? "");
  return (
    <li className={classes.role}>
      <div className={classes.line}>
        <div>
          <h2 className={classes.name}>{t(`engines.role.${role.role as RoleName}`, { defaultValue: role.role })}</h2>
          <p className={pages.soft}>{[role.bound, role.model].filter(Boolean).join(" · ") || "–"}</p>
        </div>
        {!role.bound ? (
          <Tag tone="danger">{t("engines.missing")}</Tag>
        ) : role.demo_quality ? (
          <Tag tone="doubt">{t("engines.demo")}</Tag>
        ) : (
          <Tag tone="good">{t("engines.ready")}</Tag>
        )}
      </div>
      {role.missing && (
        <div className={classes.missing}>
          <p>
            <Commands text={said(role.missing)} />
          </p>
          {commands.map((command) => (
            <CopyButton key={command} size="sm" text={() => command} label={t("engines.copyCommand")} />
          ))}
        </div>
      )}
    </li>
  );
}
