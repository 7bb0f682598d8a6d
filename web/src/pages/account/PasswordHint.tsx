import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { meQuery } from "../../api/queries";
import { Notice } from "../../parts/Notice";

/** Whoever came by a one-time link needs another one each time: so it is said once, on the page one begins with. */
export function PasswordHint() {
  const { t } = useTranslation();
  const me = useQuery(meQuery).data;
  if (!me || me.has_password || me.role === "display") return null;
  return (
    <Notice
      tone="calm"
      title={t("account.hint")}
      actions={
        <Button component={Link} to="/account" size="sm" variant="default">
          {t("account.choosePassword")}
        </Button>
      }
    >
      {t("account.hintText")}
    </Notice>
  );
}
