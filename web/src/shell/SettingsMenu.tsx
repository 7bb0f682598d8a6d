import { ActionIcon, Menu, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { signOut } from "../api/calls";
import type { Me } from "../api/types";
import { LANGUAGES, speak, type AppLanguage } from "../i18n";
import { Icon } from "../parts/Icon";

const NAMES: Record<AppLanguage, string> = { en: "English", hi: "हिन्दी" };
const SCHEMES: readonly MantineColorScheme[] = ["auto", "light", "dark"];

/** Language, colours, and who is signed in. */
export function SettingsMenu({ me }: { me: Me | undefined }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  // Holding transitions back writes an inline style sheet, which the content security policy refuses.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const tick = <Icon name="check" size={18} />;
  const leave = async () => {
    await signOut();
    client.clear();
    location.reload();
  };
  return (
    <Menu position="bottom-end" width={230} shadow="md">
      <Menu.Target>
        <ActionIcon variant="default" size={40} aria-label={t("app.settings")}>
          <Icon name="gear" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("app.language")}</Menu.Label>
        {LANGUAGES.map((language) => (
          <Menu.RadioItem
            key={language}
            lang={language}
            value={language}
            checked={i18n.language === language}
            checkIcon={tick}
            closeMenuOnClick
            onChange={() => void speak(language)}
          >
            {NAMES[language]}
          </Menu.RadioItem>
        ))}
        <Menu.Divider />
        <Menu.Label>{t("app.colours")}</Menu.Label>
        {SCHEMES.map((scheme) => (
          <Menu.RadioItem
            key={scheme}
            value={scheme}
            checked={colorScheme === scheme}
            checkIcon={tick}
            closeMenuOnClick
            onChange={() => setColorScheme(scheme)}
          >
            {t(`app.${scheme}`)}
          </Menu.RadioItem>
        ))}
        {me && (
          <>
            <Menu.Divider />
            <Menu.Label>{t("app.signedInAs", { name: me.name })}</Menu.Label>
            <Menu.Item onClick={() => void leave()}>{t("app.signOut")}</Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
