import { Button, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { addPerson, changePerson, inviteAgain } from "../../api/access-calls";
import { peopleQuery } from "../../api/access-queries";
import type { Invited, Person } from "../../api/access-types";
import { useFormat } from "../../i18n/format";
import { announce } from "../../parts/announce";
import { Confirm } from "../../parts/Confirm";
import { Dialog } from "../../parts/Dialog";
import { ProblemNotice } from "../../parts/ProblemNotice";
import rows from "../access/rows.module.css";
import { InviteDialog } from "./InviteDialog";
import { Listed } from "./Listed";
import { PageHead } from "./PageHead";

/** Screens in the waiting room: each has a link of its own, and is shown numbers and nothing else. */
export function ScreensPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery({
    ...peopleQuery,
    select: (found) => ({ ...found, items: found.items.filter((one) => one.role === "display") }),
  });
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Person | null>(null);
  const [invited, setInvited] = useState<Invited | null>(null);
  const reload = () => client.invalidateQueries({ queryKey: peopleQuery.queryKey });
  const invite = useMutation({ mutationFn: inviteAgain, onSuccess: setInvited });
  const end = useMutation({
    mutationFn: ({ id, disabled }: { id: string; disabled: boolean }) => changePerson(id, { disabled }),
    onSuccess: (changed) => {
      announce(t("admin.changed", { name: changed.name }));
      setEnding(null);
    },
    onSettled: reload,
  });
  const added = (answer: Invited) => {
    setAdding(false);
    setInvited(answer);
    void reload();
  };
  return (
    <>
      <PageHead text={t("admin.screens.text")} add={t("admin.screens.add")} onAdd={() => setAdding(true)} />
      {invite.error && <ProblemNotice error={invite.error} />}
      {end.error && !ending && <ProblemNotice error={end.error} />}
      <Listed
        title={t("admin.screens.title")}
        query={query}
        ended={(screen) => screen.disabled_at !== null}
        empty={t("admin.screens.empty")}
        renderRow={(screen) => (
          <ScreenRow
            key={screen.user_id}
            screen={screen}
            onLink={() => invite.mutate(screen.user_id)}
            onEnd={() => setEnding(screen)}
            onAgain={() => end.mutate({ id: screen.user_id, disabled: false })}
          />
        )}
      />
      {adding && <ScreenDialog onClose={() => setAdding(false)} onAdded={added} />}
      <Confirm
        opened={ending !== null}
        title={t("admin.screens.endTitle", { name: ending?.name ?? "" })}
        yes={t("admin.screens.end")}
        dangerous
        busy={end.isPending}
        error={end.error}
        onYes={() => ending && end.mutate({ id: ending.user_id, disabled: true })}
        onClose={() => setEnding(null)}
      >
        <p>{t("admin.screens.endText")}</p>
      </Confirm>
      <InviteDialog invited={invited} onClose={() => setInvited(null)} />
    </>
  );
}

interface ScreenRowProps {
  screen: Person;
  onLink: () => void;
  onEnd: () => void;
  onAgain: () => void;
}

function ScreenRow({ screen, onLink, onEnd, onAgain }: ScreenRowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { name } = screen;
  return (
    <li className={rows.row} data-ended={screen.disabled_at ? true : undefined}>
      <div className={rows.words}>
        <p className={rows.name}>{name}</p>
        <p className={rows.facts}>{t("admin.people.since", { date: format.date(screen.created_at) })}</p>
      </div>
      <div className={rows.acts}>
        {screen.disabled_at ? (
          <Button variant="default" aria-label={t("admin.screens.againNamed", { name })} onClick={onAgain}>
            {t("admin.people.enable")}
          </Button>
        ) : (
          <>
            <Button variant="default" aria-label={t("admin.screens.linkNamed", { name })} onClick={onLink}>
              {t("admin.people.invite")}
            </Button>
            <Button variant="default" aria-label={t("admin.screens.endNamed", { name })} onClick={onEnd}>
              {t("admin.screens.end")}
            </Button>
          </>
        )}
      </div>
    </li>
  );
}

function ScreenDialog({ onClose, onAdded }: { onClose: () => void; onAdded: (added: Invited) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [tried, setTried] = useState(false);
  const add = useMutation({
    mutationFn: () => addPerson({ name: name.trim(), signInName: "", role: "display", administers: false }),
    onSuccess: onAdded,
  });
  return (
    <Dialog opened title={t("admin.screens.add")} onClose={onClose}>
      <form
        className={rows.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (name.trim()) add.mutate();
        }}
      >
        <TextInput
          label={t("admin.screens.name")}
          description={t("admin.screens.nameText")}
          size="md"
          required
          data-autofocus
          autoComplete="off"
          maxLength={200}
          value={name}
          error={tried && !name.trim() ? t("admin.nameNeeded") : null}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {add.error && <ProblemNotice error={add.error} />}
        <div className={rows.buttons}>
          <Button variant="default" size="md" onClick={onClose}>
            {t("app.cancel")}
          </Button>
          <Button type="submit" size="md" loading={add.isPending}>
            {t("admin.screens.addYes")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
