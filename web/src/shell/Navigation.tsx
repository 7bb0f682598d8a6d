import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Icon, type IconName } from "../parts/Icon";
import classes from "./Navigation.module.css";

const PLACES = [
  { to: "/", name: "record", icon: "microphone", exact: true },
  { to: "/queue", name: "queue", icon: "queue", exact: false },
  { to: "/patients", name: "patients", icon: "person", exact: false },
  { to: "/engines", name: "machine", icon: "gear", exact: false },
] as const satisfies readonly { to: string; name: string; icon: IconName; exact: boolean }[];

/** The places of the app: beside the name on a desk, under the thumb on a phone. */
export function Navigation() {
  const { t } = useTranslation();
  return (
    <nav className={classes.nav} aria-label={t("app.places")}>
      {PLACES.map((place) => (
        <Link
          key={place.to}
          to={place.to}
          search={{}}
          className={classes.link}
          activeOptions={{ exact: place.exact, includeSearch: false }}
        >
          <Icon name={place.icon} size={22} />
          <span>{t(`app.${place.name}`)}</span>
        </Link>
      ))}
    </nav>
  );
}
