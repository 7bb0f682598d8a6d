import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { confirmSecondFactor } from "../../api/access-calls";
import type { SecondFactorBegun } from "../../api/access-types";
import { CodePicture } from "../../parts/CodePicture";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { ShownOnce } from "../../parts/ShownOnce";
import rows from "../access/rows.module.css";
import classes from "./NewSecondFactor.module.css";

interface NewSecondFactorProps {
  begun: SecondFactorBegun;
  onConfirmed: (recoveryCodes: string[]) => void;
  onCancel: () => void;
}

/** Scan, or type, the secret into an app; the code that the app shows then takes it into use. */
export function NewSecondFactor({ begun, onConfirmed, onCancel }: NewSecondFactorProps) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const [tried, setTried] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const confirm = useMutation({
    mutationFn: confirmSecondFactor,
    onSuccess: (answer) => onConfirmed(answer.recovery_codes),
    onError: () => field.current?.select(),
  });
  return (
    <form
      className={rows.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (code.trim()) confirm.mutate(code.trim());
        else field.current?.focus();
      }}
    >
      <p>{t("account.scan")}</p>
      <div className={classes.both}>
        <CodePicture svg={begun.qr} label={t("account.scanAlt")} />
        <ShownOnce label={t("account.secret")} text={begun.secret} />
      </div>
      {confirm.error && <ProblemNotice error={confirm.error} />}
      <TextInput
        ref={field}
        label={t("account.confirmCode")}
        size="md"
        required
        autoFocus
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={20}
        value={code}
        error={tried && !code.trim() ? t("signIn.codeNeeded") : null}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      <div className={rows.buttons}>
        <Button variant="default" size="md" onClick={onCancel}>
          {t("app.cancel")}
        </Button>
        <Button type="submit" size="md" loading={confirm.isPending}>
          {t("account.confirm")}
        </Button>
      </div>
    </form>
  );
}
