import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { revokeKey, rotateKey } from "../../api/access-calls";
import { keysQuery } from "../../api/access-queries";
import type { Key, MadeKey } from "../../api/access-types";
import { useFormat } from "../../i18n/format";
import { announce } from "../../parts/announce";
import { Confirm } from "../../parts/Confirm";
import { Tag } from "../../parts/StatusBadge";
import rows from "../access/rows.module.css";
import { KeyDialog } from "./KeyDialog";
import { stateOfKey } from "./key-state";
import { Listed } from "./Listed";
import { PageHead } from "./PageHead";
import { SecretDialog } from "./SecretDialog";

const TONES = { good: "good", expiring: "doubt", replaced: "calm", expired: "plain", revoked: "plain" } as const;
const over = (key: Key, now: number) => ["expired", "revoked"].includes(stateOfKey(key, now));

/** Keys with which other systems come in. */
export function KeysPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery(keysQuery);
  const [asked, setAsked] = useState<{ act: "make" | "rotate" | "revoke"; key: Key | null } | null>(null);
  const [made, setMade] = useState<MadeKey | null>(null);
  const close = () => {
    setAsked(null);
    rotate.reset();
    revoke.reset();
  };
  const reload = () => client.invalidateQueries({ queryKey: keysQuery.queryKey });
  const fresh = (answer: MadeKey) => {
    setAsked(null);
    setMade(answer);
    void reload();
  };
  const rotate = useMutation({ mutationFn: rotateKey, onSuccess: fresh });
  const revoke = useMutation({
    mutationFn: revokeKey,
    onSuccess: (key) => {
      close();
      announce(t("admin.keys.revoked", { name: key.name }));
    },
    onSettled: reload,
  });
  const name = asked?.key?.name ?? "";
  return (
    <>
      <PageHead
        text={t("admin.keys.text")}
        add={t("admin.keys.make")}
        onAdd={() => setAsked({ act: "make", key: null })}
      />
      <Listed
        title={t("admin.keys.title")}
        query={query}
        ended={over}
        empty={t("admin.keys.empty")}
        renderRow={(key, now) => <KeyRow key={key.key_id} found={key} now={now} onAct={(act) => setAsked({ act, key })} />}
      />
      {asked?.act === "make" && <KeyDialog onClose={close} onMade={fresh} />}
      <Confirm
        opened={asked?.act === "rotate"}
        title={t("admin.keys.rotateTitle", { name })}
        yes={t("admin.keys.rotate")}
        busy={rotate.isPending}
        error={rotate.error}
        onYes={() => asked?.key && rotate.mutate(asked.key.key_id)}
        onClose={close}
      >
        <p>{t("admin.keys.rotateText")}</p>
      </Confirm>
      <Confirm
        opened={asked?.act === "revoke"}
        title={t("admin.keys.revokeTitle", { name })}
        yes={t("admin.keys.revoke")}
        dangerous
        busy={revoke.isPending}
        error={revoke.error}
        onYes={() => asked?.key && revoke.mutate(asked.key.key_id)}
        onClose={close}
      >
        <p>{t("admin.keys.revokeText")}</p>
      </Confirm>
      <SecretDialog
        title={t("admin.keys.madeTitle", { name: made?.key.name ?? "" })}
        text={t("admin.keys.madeText")}
        label={t("admin.keys.token")}
        secret={made?.token ?? null}
        onClose={() => setMade(null)}
      />
    </>
  );
}

function KeyRow({ found, now, onAct }: { found: Key; now: number; onAct: (act: "rotate" | "revoke") => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const state = stateOfKey(found, now);
  const ended = over(found, now);
  const end = found.revoked_at ?? found.expires_at;
  return (
    <li className={rows.row} data-ended={ended || undefined}>
      <div className={rows.words}>
        <p className={rows.name}>
          {found.name}
          <Tag tone="plain">{t(`admin.roles.${found.role as "doctor"}`)}</Tag>
          <Tag tone={TONES[state]}>{t(`admin.keys.state.${state}`)}</Tag>
        </p>
        <p className={rows.facts}>
          {found.scopes.length > 0 ? found.scopes.join(", ") : t("admin.keys.allItsRole")}
          {" · "}
          {t(state === "revoked" || state === "expired" ? "admin.keys.endedOn" : "admin.keys.until", {
            date: state === "replaced" ? format.moment(end) : format.date(end),
          })}
        </p>
      </div>
      {!ended && (
        <div className={rows.acts}>
          {!found.replaced_by && (
            <Button
              variant="default"
              aria-label={t("admin.keys.rotateNamed", { name: found.name })}
              onClick={() => onAct("rotate")}
            >
              {t("admin.keys.rotate")}
            </Button>
          )}
          <Button
            variant="default"
            aria-label={t("admin.revokeNamed", { name: found.name })}
            onClick={() => onAct("revoke")}
          >
            {t("admin.keys.revoke")}
          </Button>
        </div>
      )}
    </li>
  );
}
