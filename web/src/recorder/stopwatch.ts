/** Counts the time while it runs, from timestamps: slices may be late, long or missing, the clock is not. */
export class Stopwatch {
  readonly #now: () => number;
  #before = 0;
  #since: number | null = null;

  /** `now` gives milliseconds that never go back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  run(): void {
    this.#since ??= this.#now();
  }

  hold(): void {
    this.#before = this.elapsed;
    this.#since = null;
  }

  /** Milliseconds. */
  get elapsed(): number {
    return this.#before + (this.#since === null ? 0 : this.#now() - this.#since);
  }
}
