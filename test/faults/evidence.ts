/** A text that the handlers put out, and where. */
export interface Trace {
  readonly where: string;
  readonly text: string;
}

/** So long that no other text contains it by chance, and short enough for an access key ID. */
const PIECE = 16;

/** All secrets that the handlers were given, and all text that they put out. */
export class Evidence {
  readonly traces: Trace[] = [];
  #pieces = new Map<string, string>();
  #secrets = new Set<string>();

  /** How many secrets are searched for. */
  get size(): number {
    return this.#secrets.size;
  }

  /** @param kind What the secret is, such as `a session token`. */
  addSecret(kind: string, secret: string): void {
    if (secret.length < PIECE) {
      return;
    }
    this.#secrets.add(secret);
    for (let at = 0; at + PIECE <= secret.length; at += PIECE) {
      this.#pieces.set(secret.slice(at, at + PIECE), kind);
    }
  }

  /** Adds something that the handlers put out. What is not text is converted to JSON. */
  addTrace(where: string, what: unknown): void {
    this.traces.push({ where, text: typeof what === 'string' ? what : (JSON.stringify(what) ?? '') });
  }

  /**
   * Where a text contains a secret: whole, or any 31 consecutive characters of it, since these contain one of its
   * pieces.
   */
  leaks(traces: readonly Trace[] = this.traces): string[] {
    return traces.flatMap(({ where, text }) => {
      for (let at = 0; at + PIECE <= text.length; at += 1) {
        const kind = this.#pieces.get(text.slice(at, at + PIECE));
        if (kind) {
          return [`${kind} in ${where}: ${text.slice(Math.max(0, at - 80), at)}…`];
        }
      }
      return [];
    });
  }
}
