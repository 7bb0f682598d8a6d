import { ActionIcon, Menu } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Person } from "../../api/access-types";
import { useFormat } from "../../i18n/format";
import { Icon } from "../../parts/Icon";
import { Tag } from "../../parts/StatusBadge";
import rows from "../access/rows.module.css";

export type PersonAct = "change" | "invite" | "dropFactor" | "disable" | "enable";

/** Somebody of the clinic, and what can be done about them. */
export function PersonRow({ person, mine, onAct }: { person: Person; mine: boolean; onAct: (act: PersonAct) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const out = person.disabled_at !== null;
  const facts = [
    person.sign_in_name,
    person.has_second_factor && t("admin.people.hasFactor"),
    person.disabled_at
      ? t("admin.people.disabledSince", { date: format.date(person.disabled_at) })
      : t("admin.people.since", { date: format.date(person.created_at) }),
  ];
  return (
    <li className={rows.row} data-ended={out || undefined}>
      <div className={rows.words}>
        <p className={rows.name}>
          {person.name}
          <Tag tone="plain">{t(`admin.roles.${person.role as "doctor"}`)}</Tag>
          {person.administers && person.role !== "admin" && <Tag tone="calm">{t("admin.people.administers")}</Tag>}
          {mine && <Tag tone="good">{t("admin.people.you")}</Tag>}
          {!person.has_password && !out && <Tag tone="doubt">{t("admin.people.noPassword")}</Tag>}
        </p>
        <p className={rows.facts}>{facts.filter(Boolean).join(" · ")}</p>
      </div>
      <Menu position="bottom-end" shadow="md" withinPortal={false} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <ActionIcon variant="default" size={40} aria-label={t("admin.people.acts", { name: person.name })}>
            <Icon name="more" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {out ? (
            <Menu.Item leftSection={<Icon name="undo" size={18} />} onClick={() => onAct("enable")}>
              {t("admin.people.enable")}
            </Menu.Item>
          ) : (
            <>
              <Menu.Item leftSection={<Icon name="pencil" size={18} />} onClick={() => onAct("change")}>
                {t("admin.people.change")}
              </Menu.Item>
              <Menu.Item leftSection={<Icon name="copy" size={18} />} onClick={() => onAct("invite")}>
                {t("admin.people.invite")}
              </Menu.Item>
              {person.has_second_factor && (
                <Menu.Item leftSection={<Icon name="alert" size={18} />} onClick={() => onAct("dropFactor")}>
                  {t("admin.people.dropFactor")}
                </Menu.Item>
              )}
              {!mine && (
                <>
                  <Menu.Divider />
                  <Menu.Item leftSection={<Icon name="stop" size={18} />} onClick={() => onAct("disable")}>
                    {t("admin.people.disable")}
                  </Menu.Item>
                </>
              )}
            </>
          )}
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}
