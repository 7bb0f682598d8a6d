import { SegmentedControl, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { URGENCIES, type Urgency } from "../../api/clinic-types";
import classes from "./Patients.module.css";

interface VisitFieldsProps {
  reason: string;
  urgency: Urgency;
  change: (fields: { reason?: string; urgency?: Urgency }) => void;
  autoFocus?: boolean;
}

/** Why somebody came, and how soon they have to be seen. */
export function VisitFields({ reason, urgency, change, autoFocus }: VisitFieldsProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.single}>
      <TextInput
        label={t("queue.reason")}
        size="md"
        value={reason}
        maxLength={500}
        autoComplete="off"
        data-autofocus={autoFocus || undefined}
        onChange={(event) => change({ reason: event.currentTarget.value })}
      />
      <div>
        <span className={classes.label} id="visit-urgency">
          {t("queue.urgency")}
        </span>
        <SegmentedControl
          aria-labelledby="visit-urgency"
          name="visit-urgency"
          fullWidth
          value={urgency}
          onChange={(value) => change({ urgency: value as Urgency })}
          data={URGENCIES.map((value) => ({ value, label: t(`urgency.${value}`) }))}
        />
      </div>
    </div>
  );
}
