import { Button, NativeSelect, TextInput, VisuallyHidden } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { makeKey } from "../../api/access-calls";
import { KEY_ROLES, SCOPES, type KeyRole, type MadeKey, type ScopeName } from "../../api/access-types";
import { Dialog } from "../../parts/Dialog";
import { ProblemNotice } from "../../parts/ProblemNotice";
import rows from "../access/rows.module.css";

const ACCESS = ["none", "read", "write"] as const;
type Access = (typeof ACCESS)[number];

/** A new key: whose it is, as whom it comes in, and what of that it may. */
export function KeyDialog({ onClose, onMade }: { onClose: () => void; onMade: (made: MadeKey) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [role, setRole] = useState<KeyRole>("integration");
  const [limited, setLimited] = useState(false);
  const [chosen, setChosen] = useState<Partial<Record<ScopeName, Access>>>({});
  const [tried, setTried] = useState(false);
  const make = useMutation({ mutationFn: makeKey, onSuccess: onMade });
  // Writing includes reading, so one of the two is enough.
  const scopes = limited
    ? SCOPES.flatMap((scope) => (chosen[scope] && chosen[scope] !== "none" ? [`${scope}.${chosen[scope]}`] : []))
    : [];
  const nothing = limited && scopes.length === 0;
  return (
    <Dialog opened title={t("admin.keys.make")} onClose={onClose}>
      <form
        className={rows.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (name.trim() && !nothing) make.mutate({ name: name.trim(), role, scopes });
        }}
      >
        <TextInput
          label={t("admin.keys.name")}
          description={t("admin.keys.nameText")}
          size="md"
          required
          data-autofocus
          autoComplete="off"
          maxLength={200}
          value={name}
          error={tried && !name.trim() ? t("admin.nameNeeded") : null}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label={t("admin.keys.role")}
          size="md"
          value={role}
          onChange={(event) => setRole(event.currentTarget.value as KeyRole)}
          data={KEY_ROLES.map((one) => ({ value: one, label: t(`admin.roles.${one}`) }))}
        />
        <NativeSelect
          label={t("admin.keys.limits")}
          size="md"
          value={limited ? "some" : "all"}
          error={tried && nothing ? t("admin.keys.nothing") : null}
          onChange={(event) => setLimited(event.currentTarget.value === "some")}
          data={[
            { value: "all", label: t("admin.keys.allItsRole") },
            { value: "some", label: t("admin.keys.onlySome") },
          ]}
        />
        {limited && (
          <fieldset className={rows.scopes}>
            <VisuallyHidden component="legend">{t("admin.keys.onlySome")}</VisuallyHidden>
            {SCOPES.map((scope) => (
              <NativeSelect
                key={scope}
                label={t(`admin.scopes.${scope}`)}
                value={chosen[scope] ?? "none"}
                onChange={(event) => {
                  const access = event.currentTarget.value as Access;
                  setChosen((before) => ({ ...before, [scope]: access }));
                }}
                data={ACCESS.map((access) => ({ value: access, label: t(`admin.keys.access.${access}`) }))}
              />
            ))}
          </fieldset>
        )}
        {make.error && <ProblemNotice error={make.error} />}
        <div className={rows.buttons}>
          <Button variant="default" size="md" onClick={onClose}>
            {t("app.cancel")}
          </Button>
          <Button type="submit" size="md" loading={make.isPending}>
            {t("admin.keys.makeYes")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
