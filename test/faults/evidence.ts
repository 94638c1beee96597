/** Somewhere that text came out, and the text. */
export interface Trace {
  readonly where: string;
  readonly text: string;
}

/** Long enough that no other text has it by chance, short enough for an access key ID. */
const PIECE = 16;

/** All that the handlers were given to keep to themselves, and all that came out of them. */
export class Evidence {
  readonly traces: Trace[] = [];
  #pieces = new Map<string, string>();
  #secrets = new Set<string>();

  /** How many secrets are searched for. */
  get size(): number {
    return this.#secrets.size;
  }

  /** Something that nobody may be told, and of what kind it is. */
  addSecret(kind: string, secret: string): void {
    if (secret.length < PIECE) {
      return;
    }
    this.#secrets.add(secret);
    for (let at = 0; at + PIECE <= secret.length; at += PIECE) {
      this.#pieces.set(secret.slice(at, at + PIECE), kind);
    }
  }

  /** Something that came out. What is no text is taken as JSON. */
  addTrace(where: string, what: unknown): void {
    this.traces.push({ where, text: typeof what === 'string' ? what : (JSON.stringify(what) ?? '') });
  }

  /**
   * Where a secret came out: whole, or any 31 characters of it in a row, since those hold one of its pieces.
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
