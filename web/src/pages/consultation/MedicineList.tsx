import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import type { NoteBody } from "../../api/types";
import { Icon } from "../../parts/Icon";
import { Tag } from "../../parts/StatusBadge";
import { useSaid } from "../../i18n/said";
import { useEvidence } from "./evidence";
import { howToTake, nameOf } from "./medicine";
import classes from "./NotePanel.module.css";

const TONES = { taking: "plain", started: "good", changed: "calm", stopped: "doubt", allergy: "danger", reworded: "plain" } as const;

/** The medicines that were spoken of, with what was not said left open. */
export function MedicineList({ body }: { body: NoteBody }) {
  const { t } = useTranslation();
  const evidence = useEvidence();
  const { medications: medicines, language } = body;
  const said = useSaid();
  if (medicines.length === 0) return <p className={classes.soft}>{t("medicine.none")}</p>;
  return (
    <table className={classes.medicines}>
      <thead>
        <tr>
          <th scope="col">{t("medicine.name")}</th>
          <th scope="col">{t("medicine.how")}</th>
          <th scope="col">{t("medicine.status")}</th>
        </tr>
      </thead>
      <tbody>
        {medicines.map((medicine, index) => {
          const key = `medicine-${index}-${medicine.name}`;
          const chosen = evidence.chosen === key;
          return (
            <Fragment key={key}>
              <tr data-chosen={chosen || undefined}>
                <th scope="row">
                  <button
                    type="button"
                    className={classes.medicine}
                        lang={language}
                    aria-pressed={chosen}
                    title={medicine.as_written && medicine.status !== "reworded" ? t("medicine.asWritten", { text: medicine.as_written }) : undefined}
                    onClick={() => evidence.choose(key, medicine.sources)}
                  >
                    {nameOf(medicine)}
                  </button>
                </th>
                <td className={classes.wide}>{howToTake(medicine, t("medicine.asNeeded", { lng: language })) || <span className={classes.missing}>{t("medicine.notSaid")}</span>}</td>
                <td>
                  <Tag tone={TONES[medicine.status]}>{t(`medicine.${medicine.status}`)}</Tag>
                </td>
              </tr>
              {medicine.flags.length > 0 && (
                <tr className={classes.flags} data-chosen={chosen || undefined}>
                  <td colSpan={3} className={classes.wide}>
                    {medicine.flags.map((flag) => (
                      <p key={flag.code} className={classes.doubt}>
                        <Icon name="alert" size={18} />
                        <span>{said(flag.reason)}</span>
                      </p>
                    ))}
                  </td>
                </tr>
              )}
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
}
