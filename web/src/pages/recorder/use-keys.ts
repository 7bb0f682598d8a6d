import { useEffect, useRef } from "react";

/** Single keys that do something on this page. `undefined` means: not now. */
export type KeyActions = Readonly<Record<string, (() => void) | undefined>>;

/**
 * Listen for single keys, named as `KeyboardEvent.key` in lower case, while no field has the focus and no dialog is
 * open. Space keeps its meaning on buttons and links.
 */
export function useKeys(actions: KeyActions): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
      const target = event.target instanceof HTMLElement ? event.target : null;
      if (target?.closest("input:not([type=radio]), textarea, select, [contenteditable], [role=dialog], [role=menu]")) return;
      if ((event.key === " " || event.key === "Enter") && target?.closest("button, a, [role=button], audio")) return;
      const action = latest.current[event.key.toLowerCase()];
      if (!action) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}
