import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useProblemText } from "../i18n/problem";
import { Commands } from "./Commands";
import { Notice } from "./Notice";

/** What the server, or its silence, means for the reader. */
export function ProblemNotice({ error, title, retry }: { error: unknown; title?: string; retry?: (() => void) | undefined }) {
  const { t } = useTranslation();
  const { reason, remedy } = useProblemText()(error);
  return (
    <Notice
      tone="danger"
      role="alert"
      title={title ?? reason}
      actions={
        retry && (
          <Button size="sm" variant="default" onClick={retry}>
            {t("app.tryAgain")}
          </Button>
        )
      }
    >
      {title && <p>{reason}</p>}
      <p>
        <Commands text={remedy} />
      </p>
    </Notice>
  );
}
