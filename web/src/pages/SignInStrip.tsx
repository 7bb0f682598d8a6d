import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../parts/Dialog";
import { SignInForm } from "./SignInForm";

/** While something is recorded the page stays, whatever the server says: whoever was signed out signs in beside it. */
export function SignInStrip({ className }: { className: string | undefined }) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  return (
    <div className={className} data-tone="doubt" role="status">
      <span>{t("signIn.endedMeanwhile")}</span>
      <Button size="compact-md" variant="default" onClick={() => setOpened(true)}>
        {t("signIn.enter")}
      </Button>
      <Dialog opened={opened} title={t("signIn.title")} onClose={() => setOpened(false)}>
        <SignInForm onDone={() => setOpened(false)} />
      </Dialog>
    </div>
  );
}
