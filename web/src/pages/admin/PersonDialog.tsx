import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { addPerson, changePerson } from "../../api/access-calls";
import { PERSON_ROLES, type Invited, type Person, type PersonRole } from "../../api/access-types";
import { announce } from "../../parts/announce";
import { Dialog } from "../../parts/Dialog";
import { ProblemNotice } from "../../parts/ProblemNotice";
import rows from "../access/rows.module.css";

interface PersonDialogProps {
  /** Whom to change; null adds somebody. */
  person: Person | null;
  onClose: () => void;
  onInvited: (invited: Invited) => void;
  onChanged: () => void;
}

/** Somebody's name, role and whether they administer. */
export function PersonDialog({ person, onClose, onInvited, onChanged }: PersonDialogProps) {
  const { t } = useTranslation();
  const [name, setName] = useState(person?.name ?? "");
  const [signInName, setSignInName] = useState(person?.sign_in_name ?? "");
  const [role, setRole] = useState<PersonRole>((person?.role as PersonRole | undefined) ?? "nurse");
  const [administers, setAdministers] = useState(person?.administers ?? false);
  const [tried, setTried] = useState(false);
  const flag = role === "admin" || administers;
  const save = useMutation({
    mutationFn: async () => {
      if (person) {
        const changed = await changePerson(person.user_id, { name: name.trim(), role, administers: flag });
        announce(t("admin.changed", { name: changed.name }));
        return onChanged();
      }
      return onInvited(await addPerson({ name: name.trim(), signInName: signInName.trim(), role, administers: flag }));
    },
    onSuccess: onClose,
  });
  return (
    <Dialog opened title={person ? t("admin.people.changeTitle", { name: person.name }) : t("admin.people.add")} onClose={onClose}>
      <form
        className={rows.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (name.trim() && (person || signInName.trim())) save.mutate();
        }}
      >
        <TextInput
          label={t("admin.people.name")}
          size="md"
          required
          data-autofocus
          autoComplete="off"
          maxLength={200}
          value={name}
          error={tried && !name.trim() ? t("admin.nameNeeded") : null}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {!person && (
          <TextInput
            label={t("signIn.name")}
            description={t("admin.people.signInNameText")}
            size="md"
            required
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={200}
            value={signInName}
            error={tried && !signInName.trim() ? t("signIn.nameNeeded") : null}
            onChange={(event) => setSignInName(event.currentTarget.value)}
          />
        )}
        <NativeSelect
          label={t("admin.people.role")}
          description={t(`admin.may.${role}`)}
          size="md"
          value={role}
          onChange={(event) => setRole(event.currentTarget.value as PersonRole)}
          data={PERSON_ROLES.map((one) => ({ value: one, label: t(`admin.roles.${one}`) }))}
        />
        {role !== "admin" && (
          <Checkbox
            size="md"
            label={t("admin.people.administersToo")}
            checked={administers}
            onChange={(event) => setAdministers(event.currentTarget.checked)}
          />
        )}
        {person && <p className={rows.soft}>{t("admin.people.changeText")}</p>}
        {save.error && <ProblemNotice error={save.error} />}
        <div className={rows.buttons}>
          <Button variant="default" size="md" onClick={onClose}>
            {t("app.cancel")}
          </Button>
          <Button type="submit" size="md" loading={save.isPending}>
            {t(person ? "app.save" : "admin.people.addYes")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
