import { useEffect, useRef } from "react";
import { keysAreOn } from "./keys-setting";

/** Single keys that do something on this page. `undefined` means: not now. */
export type KeyActions = Readonly<Record<string, (() => void) | undefined>>;

/** Where letters are typed, or where a dialog or menu has keys of its own. */
const TYPING = "input:not([type=radio]), textarea, select, [contenteditable], [role=dialog], [role=menu]";

/** Tell whether a key press is meant for the page: not a chord, not typed into a field, not asked of a dialog. */
export function meantForPage(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return false;
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (target?.closest(TYPING)) return false;
  return !((event.key === " " || event.key === "Enter") && target?.closest("button, a, [role=button], audio, summary"));
}

/**
 * Listen for single keys, named as `KeyboardEvent.key` in lower case, while no field has the focus and no dialog is
 * open. Space and Enter keep their meaning on buttons and links. Who switched single keys off is left in peace
 * (WCAG 2.1.4); Escape works all the same.
 */
export function useKeys(actions: KeyActions): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!meantForPage(event) || (event.key !== "Escape" && !keysAreOn())) return;
      const action = latest.current[event.key.toLowerCase()];
      if (!action) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}
