import { useEffect, useRef } from "react";
import { keysAreOn } from "../parts/keys-setting";
import { meantForPage } from "../parts/use-keys";

/** How long after G the second key may come. */
const SECOND_KEY_MS = 1_500;

/**
 * Keys that work on every page: G and then a letter goes somewhere; others act at once. Listens before the pages do, so
 * that the letter after a G is not taken for theirs.
 */
export function useGoKeys(going: Readonly<Record<string, () => void>>, once: Readonly<Record<string, () => void>>): void {
  const latest = useRef({ going, once });
  useEffect(() => {
    latest.current = { going, once };
  });
  useEffect(() => {
    let until = 0;
    const press = (event: KeyboardEvent) => {
      if (!meantForPage(event) || !keysAreOn()) return;
      const key = event.key.toLowerCase();
      const armed = performance.now() < until;
      until = 0;
      const action = armed ? latest.current.going[key] : latest.current.once[key];
      if (!armed && key === "g") until = performance.now() + SECOND_KEY_MS;
      if (!action && key !== "g") return;
      event.preventDefault();
      action?.();
    };
    document.addEventListener("keydown", press, { capture: true });
    return () => document.removeEventListener("keydown", press, { capture: true });
  }, []);
}
