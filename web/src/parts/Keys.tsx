import { Kbd } from "@mantine/core";
import { Trans } from "react-i18next";
import classes from "./Keys.module.css";

type HintKey = "recorder.hintRecord" | "recorder.hintRunning" | "recorder.hintPaused" | "note.keys" | "mentioned.keys"
  | "queue.keys"
  | "person.keys";

/** Which keys do what. Hidden where there is no keyboard. */
export function Keys({ hint }: { hint: HintKey }) {
  return (
    <p className={classes.keys}>
      <Trans i18nKey={hint} components={{ kbd: <Kbd size="xs" /> }} />
    </p>
  );
}
