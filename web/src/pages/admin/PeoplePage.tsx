import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { changePerson, inviteAgain, removeSecondFactor } from "../../api/access-calls";
import { peopleQuery } from "../../api/access-queries";
import type { Invited, Person } from "../../api/access-types";
import { meQuery } from "../../api/queries";
import { announce } from "../../parts/announce";
import { Confirm } from "../../parts/Confirm";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { InviteDialog } from "./InviteDialog";
import { Listed } from "./Listed";
import { PageHead } from "./PageHead";
import { PersonDialog } from "./PersonDialog";
import { PersonRow, type PersonAct } from "./PersonRow";

type Asked = { act: PersonAct | "add"; person: Person | null };

/** Who works in the clinic, and what each of them may. */
export function PeoplePage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery({
    ...peopleQuery,
    select: (found) => ({ ...found, items: found.items.filter((one) => one.role !== "display") }),
  });
  const me = useQuery(meQuery).data;
  const [asked, setAsked] = useState<Asked | null>(null);
  const [invited, setInvited] = useState<Invited | null>(null);
  const close = () => setAsked(null);
  const reload = () => client.invalidateQueries({ queryKey: peopleQuery.queryKey });

  const invite = useMutation({ mutationFn: inviteAgain, onSuccess: setInvited });
  const act = useMutation({
    mutationFn: ({ act: wanted, person }: { act: PersonAct; person: Person }) =>
      wanted === "dropFactor"
        ? removeSecondFactor(person.user_id)
        : changePerson(person.user_id, { disabled: wanted === "disable" }),
    onSuccess: (changed) => {
      announce(t("admin.changed", { name: changed.name }));
      close();
    },
    onSettled: reload,
  });

  const choose = (wanted: PersonAct, person: Person) => {
    act.reset();
    invite.reset();
    if (wanted === "invite") invite.mutate(person.user_id);
    else if (wanted === "enable") act.mutate({ act: wanted, person });
    else setAsked({ act: wanted, person });
  };
  const asks = (wanted: PersonAct) => asked?.act === wanted;
  const confirmed = () => {
    if (asked?.person && asked.act !== "add") act.mutate({ act: asked.act, person: asked.person });
  };

  return (
    <>
      <PageHead
        text={t("admin.people.text")}
        add={t("admin.people.add")}
        onAdd={() => setAsked({ act: "add", person: null })}
      />
      {invite.error && <ProblemNotice error={invite.error} />}
      {act.error && !asked && <ProblemNotice error={act.error} />}
      <Listed
        title={t("admin.people.title")}
        query={query}
        ended={(person) => person.disabled_at !== null}
        empty={t("admin.people.empty")}
        renderRow={(person) => (
          <PersonRow
            key={person.user_id}
            person={person}
            mine={person.user_id === me?.user_id}
            onAct={(wanted) => choose(wanted, person)}
          />
        )}
      />
      {(asked?.act === "add" || asked?.act === "change") && (
        <PersonDialog
          person={asked.person}
          onClose={close}
          onInvited={(made) => {
            void reload();
            setInvited(made);
          }}
          onChanged={() => void reload()}
        />
      )}
      <Confirm
        opened={asks("disable")}
        title={t("admin.people.disableTitle", { name: asked?.person?.name ?? "" })}
        yes={t("admin.people.disable")}
        dangerous
        busy={act.isPending}
        error={act.error}
        onYes={confirmed}
        onClose={close}
      >
        <p>{t("admin.people.disableText")}</p>
      </Confirm>
      <Confirm
        opened={asks("dropFactor")}
        title={t("admin.people.dropFactorTitle", { name: asked?.person?.name ?? "" })}
        yes={t("account.factorRemove")}
        dangerous
        busy={act.isPending}
        error={act.error}
        onYes={confirmed}
        onClose={close}
      >
        <p>{t("admin.people.dropFactorText")}</p>
      </Confirm>
      <InviteDialog invited={invited} onClose={() => setInvited(null)} />
    </>
  );
}
