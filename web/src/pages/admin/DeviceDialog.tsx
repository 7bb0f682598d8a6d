import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { addDevice } from "../../api/access-calls";
import type { AddedDevice } from "../../api/access-types";
import { Dialog } from "../../parts/Dialog";
import { ProblemNotice } from "../../parts/ProblemNotice";
import rows from "../access/rows.module.css";

/** A new device: with the public half of a pair that it made, or with a pair that is made here. */
export function DeviceDialog({ onClose, onAdded }: { onClose: () => void; onAdded: (added: AddedDevice) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [own, setOwn] = useState(false);
  const [publicKey, setPublicKey] = useState("");
  const [tried, setTried] = useState(false);
  const add = useMutation({ mutationFn: () => addDevice(name.trim(), own ? publicKey.trim() : null), onSuccess: onAdded });
  return (
    <Dialog opened title={t("admin.devices.add")} onClose={onClose}>
      <form
        className={rows.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (name.trim() && (!own || publicKey.trim())) add.mutate();
        }}
      >
        <TextInput
          label={t("admin.devices.name")}
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
          label={t("admin.devices.key")}
          size="md"
          value={own ? "own" : "made"}
          onChange={(event) => setOwn(event.currentTarget.value === "own")}
          data={[
            { value: "made", label: t("admin.devices.madeHere") },
            { value: "own", label: t("admin.devices.ownKey") },
          ]}
        />
        {own && (
          <TextInput
            label={t("admin.devices.publicKey")}
            description={t("admin.devices.publicKeyText")}
            size="md"
            required
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={100}
            value={publicKey}
            error={tried && !publicKey.trim() ? t("admin.devices.publicKeyNeeded") : null}
            onChange={(event) => setPublicKey(event.currentTarget.value)}
          />
        )}
        {add.error && <ProblemNotice error={add.error} />}
        <div className={rows.buttons}>
          <Button variant="default" size="md" onClick={onClose}>
            {t("app.cancel")}
          </Button>
          <Button type="submit" size="md" loading={add.isPending}>
            {t("admin.devices.addYes")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
