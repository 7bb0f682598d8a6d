import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Card } from "../../../parts/Card";
import rows from "../../access/rows.module.css";
import { AuditEntries } from "./AuditEntries";
import { AuditForm } from "./AuditForm";
import { EVERYTHING, type Sought } from "./wording";

/** The audit trail: what to look for, and what was found. */
export function AuditPage() {
  const { t } = useTranslation();
  // Counted, so that what was sought a minute ago can be sought again.
  const [asked, setAsked] = useState<{ sought: Sought; count: number }>({ sought: EVERYTHING, count: 0 });
  return (
    <>
      <p className={rows.soft}>{t("admin.audit.text")}</p>
      <AuditForm onSearch={(sought) => setAsked(({ count }) => ({ sought, count: count + 1 }))} />
      <Card title={t("admin.audit.title")}>
        <AuditEntries key={asked.count} sought={asked.sought} search={asked.count} />
      </Card>
    </>
  );
}
