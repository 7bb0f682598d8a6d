/** Words for a screen reader: one polite region for the whole app, so that nothing is read twice. */
let region: HTMLElement | null = null;

export function setRegion(element: HTMLElement | null): void {
  region = element;
}

export function announce(text: string): void {
  if (!region) return;
  // The same words twice are read twice only when the region was empty in between.
  region.textContent = "";
  requestAnimationFrame(() => {
    if (region) region.textContent = text;
  });
}
