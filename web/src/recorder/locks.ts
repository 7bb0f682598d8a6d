/** Which tab does what with a recording. Locks end with their tab, also when the browser is killed. */

const capturing = (localId: string) => `auscult-capture-${localId}`;
const delivering = (localId: string) => `auscult-deliver-${localId}`;

/** Take the capture lock, and hold it until the answer is called. */
export function holdCapture(localId: string): Promise<() => void> {
  return new Promise((granted, failed) => {
    navigator.locks
      .request(capturing(localId), () => new Promise<void>((release) => granted(() => release())))
      .catch(failed);
  });
}

/** Tell whether some tab of this browser captures the recording now; if not, it was interrupted. */
export async function isBeingCaptured(localId: string): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  return held.some((lock) => lock.name === capturing(localId));
}

/** Run `work` unless another tab already delivers this recording. */
export async function deliverOnce(localId: string, work: () => Promise<void>): Promise<void> {
  await navigator.locks.request(delivering(localId), { ifAvailable: true }, async (lock) => {
    if (lock) await work();
  });
}
