import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ConsentGiver } from "../../api/types";
import classes from "./Recorder.module.css";
import { useFocusOnArrival } from "./Recorder";
import { useKeys } from "../../parts/use-keys";

const GIVERS: readonly ConsentGiver[] = ["patient", "parent", "guardian", "attorney"];

interface ConsentQuestionProps {
  /** Null: the consent is noted elsewhere. */
  onAnswer: (givenBy: ConsentGiver | null) => void;
  onCancel: () => void;
  /** The file that the answer is about; the consent for it may be noted elsewhere. */
  fileName?: string;
}

/** Asks who has agreed; the answer starts the recording at once. */
export function ConsentQuestion({ onAnswer, onCancel, fileName }: ConsentQuestionProps) {
  const { t } = useTranslation();
  const first = useFocusOnArrival<HTMLButtonElement>();
  useKeys({ escape: onCancel });
  return (
    <div className={classes.question} role="group" aria-labelledby="consent-question">
      <h2 id="consent-question">{t("recorder.whoAgrees")}</h2>
      <p>{t("recorder.whoAgreesText")}</p>
      {fileName && (
        <p>
          <strong>{fileName}</strong>
        </p>
      )}
      <div className={classes.answers}>
        {GIVERS.map((giver, index) => (
          <button
            key={giver}
            ref={index === 0 ? first : undefined}
            type="button"
            className={classes.answer}
            onClick={() => onAnswer(giver)}
          >
            {t(`recorder.${giver}`)}
          </button>
        ))}
      </div>
      {fileName && (
        <Button variant="default" size="md" onClick={() => onAnswer(null)}>
          {t("recorder.notNoted")}
        </Button>
      )}
      <Button variant="subtle" size="md" onClick={onCancel}>
        {t("app.cancel")}
      </Button>
    </div>
  );
}
