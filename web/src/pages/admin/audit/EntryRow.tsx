import { useTranslation } from "react-i18next";
import type { AuditEntry } from "../../../api/access-types";
import { useFormat } from "../../../i18n/format";
import { Icon } from "../../../parts/Icon";
import { Tag } from "../../../parts/StatusBadge";
import classes from "./Audit.module.css";
import { namelessOf, outcomeOf, whatOf, whereOf } from "./wording";

const TONES = { done: "good", refused: "doubt", failed: "danger" } as const;
/** Roles that have words of their own; the others are nobody's that the clinic lets in. */
const ROLES = ["nurse", "doctor", "admin", "integration", "device"] as const;

/** One entry in plain words; opened, by its ids. `knownAs`: how the clinic calls whom the trail does not name. */
export function EntryRow({ entry, knownAs }: { entry: AuditEntry; knownAs: string | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const what = useWhat(entry);
  const outcome = outcomeOf(entry);
  const nameless = namelessOf(entry);
  const who = nameless ? (knownAs ?? t(`admin.audit.who.${nameless}`)) : entry.user_name;
  const role = ROLES.find((one) => one === entry.role);
  const where = whereOf(entry.address);
  const patients = entry.entities.filter((one) => one.type === "patient").length;
  return (
    <li>
      <details className={classes.entry}>
        <summary>
          <Icon name="chevron" size={18} />
          <span className={classes.words}>
            <span className={classes.what}>
              {what}
              <Tag tone={TONES[outcome]}>{t(`admin.audit.outcome.${outcome}`)}</Tag>
            </span>
            <span className={classes.soft}>
              {[
                role ? `${who} (${t(`admin.roles.${role}`)})` : who,
                format.exact(entry.timestamp),
                where && t(`admin.audit.where.${where}`, { address: entry.address }),
                patients > 0 && t("admin.audit.patients", { count: patients }),
              ]
                .filter(Boolean)
                .join(" · ")}
            </span>
          </span>
        </summary>
        <Facts entry={entry} />
      </details>
    </li>
  );
}

function useWhat(entry: AuditEntry): string {
  const { t } = useTranslation();
  const what = whatOf(entry);
  if ("act" in what) return t(`admin.audit.acts.${what.act}`);
  const did = t(`admin.audit.did.${what.action}`);
  if (what.things.length === 0) return did;
  return `${did}: ${what.things.map((one) => t(`admin.audit.things.${one}`)).join(", ")}`;
}

/** What a search by another tool, or another person's question, would go by. */
function Facts({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation();
  const facts = [
    ["entry", entry.audit_id],
    ["time", entry.timestamp],
    ["user", entry.user_id],
    ["act", entry.act],
    ["status", entry.status === null ? "" : String(entry.status)],
    ["address", entry.address],
    ["credential", entry.credential],
    ["purpose", `${t(`admin.audit.purposes.${entry.purpose}`)} (${entry.purpose})`],
    ["reason", entry.reason_id],
    ["place", `${entry.chain} / ${entry.seq}`],
  ] as const;
  return (
    <dl className={classes.facts}>
      {facts
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{t(`admin.audit.facts.${name}`)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      {entry.entities.length > 0 && (
        <div>
          <dt>{t("admin.audit.facts.things")}</dt>
          <dd>
            <ul className={classes.ids}>
              {entry.entities.map((one) => (
                <li key={`${one.type} ${one.id}`}>
                  {one.type} {one.id}
                </li>
              ))}
              {entry.more > 0 && <li>{t("admin.audit.moreThings", { count: entry.more })}</li>}
            </ul>
          </dd>
        </div>
      )}
    </dl>
  );
}
