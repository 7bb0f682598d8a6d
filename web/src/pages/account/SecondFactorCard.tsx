import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { beginSecondFactor, dropSecondFactor } from "../../api/access-calls";
import { meQuery } from "../../api/queries";
import type { Me } from "../../api/types";
import { announce } from "../../parts/announce";
import { Card } from "../../parts/Card";
import { Confirm } from "../../parts/Confirm";
import { Notice } from "../../parts/Notice";
import { PasswordField } from "../../parts/PasswordField";
import { ProblemNotice } from "../../parts/ProblemNotice";
import rows from "../access/rows.module.css";
import { NewSecondFactor } from "./NewSecondFactor";
import { RecoveryCodes } from "./RecoveryCodes";

/** With so few left it is time for new ones. */
const FEW_CODES = 3;

/** A code of an authenticator app beside the password: set up, replace, remove. */
export function SecondFactorCard({ me }: { me: Me }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [codes, setCodes] = useState<string[] | null>(null);
  const [removing, setRemoving] = useState(false);
  const [password, setPassword] = useState("");
  const begin = useMutation({ mutationFn: beginSecondFactor });
  const drop = useMutation({
    mutationFn: dropSecondFactor,
    onSuccess: (changed) => {
      client.setQueryData(meQuery.queryKey, changed);
      close();
      announce(t("account.factorRemoved"));
    },
  });
  const close = () => {
    setRemoving(false);
    setPassword("");
    drop.reset();
  };
  const confirmed = (fresh: string[]) => {
    begin.reset();
    setCodes(fresh);
    void client.invalidateQueries({ queryKey: meQuery.queryKey });
  };

  return (
    <Card title={t("account.factor")}>
      <div className={rows.form}>
        {codes ? (
          <RecoveryCodes codes={codes} onDone={() => setCodes(null)} />
        ) : begin.data ? (
          <NewSecondFactor begun={begin.data} onConfirmed={confirmed} onCancel={begin.reset} />
        ) : (
          <>
            <p>{t(me.has_second_factor ? "account.factorOn" : "account.factorText")}</p>
            {me.has_second_factor && (
              <p className={rows.soft}>{t("account.codesLeft", { count: me.recovery_codes_left })}</p>
            )}
            {me.has_second_factor && me.recovery_codes_left < FEW_CODES && (
              <Notice tone="doubt" title={t("account.fewCodes")}>
                {t("account.fewCodesText")}
              </Notice>
            )}
            {begin.error && <ProblemNotice error={begin.error} />}
            {!me.has_password && <p className={rows.soft}>{t("account.factorNeedsPassword")}</p>}
            <div className={rows.acts}>
              {me.has_password && (
                <Button
                  variant={me.has_second_factor ? "default" : "filled"}
                  size="md"
                  loading={begin.isPending}
                  onClick={() => begin.mutate()}
                >
                  {t(me.has_second_factor ? "account.factorReplace" : "account.factorBegin")}
                </Button>
              )}
              {me.has_second_factor && (
                <Button variant="default" size="md" onClick={() => setRemoving(true)}>
                  {t("account.factorRemove")}
                </Button>
              )}
            </div>
          </>
        )}
      </div>
      <Confirm
        opened={removing}
        title={t("account.factorRemoveTitle")}
        yes={t("account.factorRemove")}
        dangerous
        busy={drop.isPending}
        disabled={!password}
        error={drop.error}
        onYes={() => drop.mutate(password)}
        onClose={close}
      >
        <p>{t("account.factorRemoveText")}</p>
        <PasswordField
          label={t("account.currentPassword")}
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && password) drop.mutate(password);
          }}
        />
      </Confirm>
    </Card>
  );
}
