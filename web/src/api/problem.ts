/** An answer of the server that is not a success, or no answer at all: RFC 9457 with a remedy for the reader. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly remedy: string;
  /** Members beyond the standard ones: `missing`, `blocking`, … */
  readonly extras: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, detail: string, remedy: string, extras: Record<string, unknown> = {}) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.remedy = remedy;
    this.extras = extras;
  }

  /** Nothing came back: no network, or the server is down. Trying again later helps. */
  get offline(): boolean {
    return this.status === 0;
  }

  /** Trying the very same request again may succeed: no network, too busy, too many, no space for the moment. */
  get passing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 425 || this.status === 429 || this.status >= 500;
  }
}

/** The problem that a response describes; the body may be our problem document, something else, or nothing. */
export function problemFrom(status: number, body: unknown): Problem {
  const members = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const text = (name: string): string => (typeof members[name] === "string" ? members[name] : "");
  return new Problem(
    status,
    text("code") || `http_${status}`,
    text("detail") || text("title") || `The server answered ${status}.`,
    text("remedy"),
    members,
  );
}

/** The problem of a request that got no answer. */
export function noAnswer(): Problem {
  return new Problem(0, "offline", "", "");
}

/** Whatever was thrown, as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof TypeError) return noAnswer();
  return new Problem(-1, "unexpected", error instanceof Error ? error.message : String(error), "");
}
