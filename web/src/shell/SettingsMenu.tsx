import { ActionIcon, Button, NativeSelect, Popover, Stack, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { changePreferences, signOut } from "../api/calls";
import { asProblem } from "../api/problem";
import { preferencesQuery } from "../api/queries";
import { TEMPLATES, type Me, type Template } from "../api/types";
import { LANGUAGES, speak, type AppLanguage } from "../i18n";
import { useSaid } from "../i18n/said";
import { Icon } from "../parts/Icon";
import classes from "./SettingsMenu.module.css";

const NAMES: Record<AppLanguage, string> = { en: "English", hi: "हिन्दी" };
const SCHEMES: readonly MantineColorScheme[] = ["auto", "light", "dark"];

/** Language, colours, how notes are laid out, and who is signed in. */
export function SettingsMenu({ me, onKeys }: { me: Me | undefined; onKeys: () => void }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  // Holding transitions back writes an inline style sheet, which the content security policy refuses.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const [opened, setOpened] = useState(false);
  const leave = async () => {
    await signOut();
    client.clear();
    location.reload();
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={230} shadow="md" withinPortal={false} trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon variant="default" size={40} aria-label={t("app.settings")} onClick={() => setOpened(!opened)}>
          <Icon name="gear" />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={t("app.settings")}>
        <Stack gap="md">
          <NativeSelect
            label={t("app.language")}
            value={i18n.language}
            onChange={(event) => void speak(event.currentTarget.value as AppLanguage)}
            data={LANGUAGES.map((language) => ({ value: language, label: NAMES[language] }))}
          />
          <NativeSelect
            label={t("app.colours")}
            value={colorScheme}
            onChange={(event) => setColorScheme(event.currentTarget.value as MantineColorScheme)}
            data={SCHEMES.map((scheme) => ({ value: scheme, label: t(`app.${scheme}`) }))}
          />
          {me && <NoteTemplate />}
          <Button variant="default" fullWidth className={classes.keys} onClick={onKeys}>
            {t("keys.title")}
          </Button>
          {me && (
            <div>
              <p className={classes.who}>{t("app.signedInAs", { name: me.name })}</p>
              <Places me={me} onGo={() => setOpened(false)} />
              <Button variant="default" fullWidth onClick={() => void leave()}>
                {t("app.signOut")}
              </Button>
            </div>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** The pages that are about the reader and the clinic, not about patients. */
function Places({ me, onGo }: { me: Me; onGo: () => void }) {
  const { t } = useTranslation();
  return (
    <nav className={classes.places} aria-label={t("account.title")}>
      <Button component={Link} to="/account" variant="default" fullWidth onClick={onGo}>
        {t("account.title")}
      </Button>
      {me.administers && (
        <Button component={Link} to="/admin" variant="default" fullWidth onClick={onGo}>
          {t("admin.title")}
        </Button>
      )}
      {me.phones && (
        // A page of the server's own. In a window of its own: a recording in this one goes on.
        <Button component="a" href="/phone" target="_blank" rel="noopener" variant="default" fullWidth onClick={onGo}>
          {t("app.usePhone")}
        </Button>
      )}
    </nav>
  );
}

/** How the notes of what the reader records are laid out: kept on the server, for every device. */
function NoteTemplate() {
  const { t } = useTranslation();
  const said = useSaid();
  const client = useQueryClient();
  const known = useQuery(preferencesQuery);
  const change = useMutation({
    mutationFn: changePreferences,
    onSuccess: (changed) => client.setQueryData(preferencesQuery.queryKey, changed),
  });
  const problem = change.error ?? known.error;
  return (
    <NativeSelect
      label={t("template.mine")}
      value={change.isPending ? change.variables : (known.data?.template ?? "visit")}
      disabled={!known.data}
      error={problem ? said(asProblem(problem).message) : undefined}
      onChange={(event) => change.mutate(event.currentTarget.value as Template)}
      data={TEMPLATES.map((template) => ({ value: template, label: t(`template.${template}`) }))}
    />
  );
}
