import { Kbd } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "./Dialog";
import classes from "./KeysHelp.module.css";
import { keysAreOn, setKeys } from "./keys-setting";

const GROUPS = {
  everywhere: { "g r": "goRecord", "g q": "goQueue", "g p": "goPatients", "g m": "goMachine", "/": "find", "?": "help" },
  queue: { "j k": "move", c: "call", s: "start", n: "next", d: "done", x: "cancel", a: "register" },
  patient: { q: "join", r: "record", e: "edit", n: "next", d: "done", s: "start" },
  recorder: { r: "record", Space: "pause", s: "stop" },
  note: { Enter: "listen", e: "editSentence", Del: "remove", a: "add" },
} as const;

/** Which keys do what, page by page; and the switch for who does not want single keys. */
export function KeysHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const [on, setOn] = useState(keysAreOn);
  return (
    <Dialog opened={opened} title={t("keys.title")} onClose={onClose}>
      <label className={classes.on}>
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => {
            setKeys(event.currentTarget.checked);
            setOn(event.currentTarget.checked);
          }}
        />
        {t("keys.on")}
      </label>
      <div className={classes.groups}>
        {Object.entries(GROUPS).map(([group, keys]) => (
          <section key={group} aria-labelledby={`keys-${group}`}>
            <h3 id={`keys-${group}`}>{t(`keys.${group as keyof typeof GROUPS}`)}</h3>
            <dl className={classes.keys}>
              {Object.entries(keys).map(([key, what]) => (
                <div key={key}>
                  <dt>
                    {key.split(" ").map((one) => (
                      <Kbd key={one}>{one.length === 1 ? one.toUpperCase() : one}</Kbd>
                    ))}
                  </dt>
                  <dd>{t(`keys.does.${what}`)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
