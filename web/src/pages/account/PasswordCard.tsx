import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { setPassword } from "../../api/access-calls";
import { meQuery } from "../../api/queries";
import type { Me } from "../../api/types";
import { announce } from "../../parts/announce";
import { Card } from "../../parts/Card";
import { Notice } from "../../parts/Notice";
import { PasswordField } from "../../parts/PasswordField";
import { ProblemNotice } from "../../parts/ProblemNotice";
import rows from "../access/rows.module.css";

/** As `auscult.trust.passwords` asks; the server has the last word. */
const SHORTEST = 12;

/** The name and the password to sign in with. Whoever came by a one-time link sets it without the present one. */
export function PasswordCard({ me }: { me: Me }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState(me.sign_in_name);
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const [tried, setTried] = useState(false);
  const save = useMutation({
    mutationFn: setPassword,
    onSuccess: (changed) => {
      client.setQueryData(meQuery.queryKey, changed);
      void client.invalidateQueries({ queryKey: ["my-sessions"] });
      setCurrent("");
      setFresh("");
      setTried(false);
      announce(t("account.passwordSaved"));
    },
  });
  const tooShort = [...fresh].length < SHORTEST;
  return (
    <Card title={t(me.has_password ? "account.password" : "account.choosePassword")}>
      <form
        className={rows.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (name.trim() && !tooShort) save.mutate({ name: name.trim(), current, new: fresh });
        }}
      >
        {!me.has_password && <p>{t("account.choosePasswordText")}</p>}
        {save.isSuccess && <Notice tone="good" role="status" title={t("account.passwordSaved")} />}
        {save.error && <ProblemNotice error={save.error} />}
        <TextInput
          label={t("signIn.name")}
          description={t("account.nameText")}
          name="username"
          size="md"
          required
          autoComplete="username"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          maxLength={200}
          value={name}
          error={tried && !name.trim() ? t("signIn.nameNeeded") : null}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {me.has_password && (
          <PasswordField
            label={t("account.currentPassword")}
            description={t("account.currentPasswordText")}
            name="current-password"
            autoComplete="current-password"
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
        )}
        <PasswordField
          label={t("account.newPassword")}
          description={t("account.newPasswordText")}
          name="new-password"
          required
          autoComplete="new-password"
          value={fresh}
          error={tried && tooShort ? t("account.tooShort", { count: SHORTEST }) : null}
          onChange={(event) => setFresh(event.currentTarget.value)}
        />
        <div className={rows.buttons}>
          <Button type="submit" size="md" loading={save.isPending}>
            {t("account.savePassword")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
