import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Invited } from "../../api/access-types";
import { CodePicture } from "../../parts/CodePicture";
import { Dialog } from "../../parts/Dialog";
import { ShownOnce } from "../../parts/ShownOnce";
import rows from "../access/rows.module.css";

/** A one-time sign-in link, told this once: to be scanned by whoever stands beside the admin, or copied to them. */
export function InviteDialog({ invited, onClose }: { invited: Invited | null; onClose: () => void }) {
  const { t } = useTranslation();
  const screen = invited?.person.role === "display";
  return (
    <Dialog opened={invited !== null} title={t("admin.link.title", { name: invited?.person.name ?? "" })} onClose={onClose}>
      {invited && (
        <div className={rows.form}>
          <p>{t(screen ? "admin.link.screenText" : "admin.link.text")}</p>
          <div className={rows.center}>
            <CodePicture svg={invited.qr} label={t("admin.link.scan")} />
          </div>
          <ShownOnce label={t("admin.link.link")} text={invited.sign_in_url} />
          <div className={rows.buttons}>
            <Button size="md" onClick={onClose}>
              {t("admin.done")}
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}
