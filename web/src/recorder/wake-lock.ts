/** Keeps the screen on while recording: a phone that locks may take the microphone away. */
export class WakeLock {
  #wanted = false;
  #lock: WakeLockSentinel | null = null;

  constructor() {
    // The system drops the lock whenever the page is hidden.
    globalThis.document?.addEventListener("visibilitychange", () => {
      if (this.#wanted && document.visibilityState === "visible") void this.hold();
    });
  }

  async hold(): Promise<void> {
    this.#wanted = true;
    try {
      this.#lock = (await navigator.wakeLock?.request("screen")) ?? null;
    } catch {
      // Low battery or not allowed: recording goes on without it.
    }
  }

  async release(): Promise<void> {
    this.#wanted = false;
    await this.#lock?.release();
    this.#lock = null;
  }
}
