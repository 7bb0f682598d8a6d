import { useTranslation } from "react-i18next";
import type { Urgency } from "../../api/clinic-types";
import { Tag } from "../../parts/StatusBadge";

/** How soon somebody has to be seen; routine is not worth a word. */
export function UrgencyTag({ urgency }: { urgency: Urgency }) {
  const { t } = useTranslation();
  if (urgency === "routine") return null;
  return <Tag tone={urgency === "emergency" ? "danger" : "doubt"}>{t(`urgency.${urgency}`)}</Tag>;
}
