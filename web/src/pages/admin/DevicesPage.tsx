import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { revokeDevice } from "../../api/access-calls";
import { devicesQuery } from "../../api/access-queries";
import type { AddedDevice, Device } from "../../api/access-types";
import { useFormat } from "../../i18n/format";
import { announce } from "../../parts/announce";
import { Confirm } from "../../parts/Confirm";
import rows from "../access/rows.module.css";
import { DeviceDialog } from "./DeviceDialog";
import { Listed } from "./Listed";
import { PageHead } from "./PageHead";
import { SecretDialog } from "./SecretDialog";

/** Devices that sign what they ask with a key of their own. */
export function DevicesPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery(devicesQuery);
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Device | null>(null);
  const [made, setMade] = useState<AddedDevice | null>(null);
  const reload = () => client.invalidateQueries({ queryKey: devicesQuery.queryKey });
  const close = () => {
    setEnding(null);
    revoke.reset();
  };
  const revoke = useMutation({
    mutationFn: revokeDevice,
    onSuccess: (device) => {
      close();
      announce(t("admin.devices.revoked", { name: device.name }));
    },
    onSettled: reload,
  });
  const added = (answer: AddedDevice) => {
    setAdding(false);
    if (answer.private_key) setMade(answer);
    else announce(t("admin.devices.added", { name: answer.device.name }));
    void reload();
  };
  return (
    <>
      <PageHead text={t("admin.devices.text")} add={t("admin.devices.add")} onAdd={() => setAdding(true)} />
      <Listed
        title={t("admin.devices.title")}
        query={query}
        ended={(device) => device.revoked_at !== null}
        empty={t("admin.devices.empty")}
        renderRow={(device) => <DeviceRow key={device.device_id} device={device} onRevoke={() => setEnding(device)} />}
      />
      {adding && <DeviceDialog onClose={() => setAdding(false)} onAdded={added} />}
      <Confirm
        opened={ending !== null}
        title={t("admin.devices.revokeTitle", { name: ending?.name ?? "" })}
        yes={t("admin.devices.revoke")}
        dangerous
        busy={revoke.isPending}
        error={revoke.error}
        onYes={() => ending && revoke.mutate(ending.device_id)}
        onClose={close}
      >
        <p>{t("admin.devices.revokeText")}</p>
      </Confirm>
      <SecretDialog
        title={t("admin.devices.madeTitle", { name: made?.device.name ?? "" })}
        text={t("admin.devices.madeText", { id: made?.device.device_id ?? "" })}
        label={t("admin.devices.privateKey")}
        secret={made?.private_key ?? null}
        onClose={() => setMade(null)}
      />
    </>
  );
}

function DeviceRow({ device, onRevoke }: { device: Device; onRevoke: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <li className={rows.row} data-ended={device.revoked_at ? true : undefined}>
      <div className={rows.words}>
        <p className={rows.name}>{device.name}</p>
        <p className={rows.facts}>
          {device.device_id}
          {" · "}
          {device.revoked_at
            ? t("admin.keys.endedOn", { date: format.date(device.revoked_at) })
            : t("admin.people.since", { date: format.date(device.created_at) })}
        </p>
      </div>
      {!device.revoked_at && (
        <Button variant="default" aria-label={t("admin.revokeNamed", { name: device.name })} onClick={onRevoke}>
          {t("admin.devices.revoke")}
        </Button>
      )}
    </li>
  );
}
