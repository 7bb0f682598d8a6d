const KEY = "auscult-single-keys";

/** Whether single keys do something. A person who dictates or whose hand trembles may switch them off: WCAG 2.1.4. */
export function keysAreOn(): boolean {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true; // Storage is blocked.
  }
}

/** Switch single keys on or off for this browser. */
export function setKeys(on: boolean): void {
  try {
    if (on) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, "off");
  } catch {
    // Storage is blocked: they stay on.
  }
}
