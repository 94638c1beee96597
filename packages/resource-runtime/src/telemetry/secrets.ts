/** Access key IDs of any caller (IAM guide, "Unique identifiers"): AWS quotes them in some messages. */
const ACCESS_KEY_ID = /\b(?:AKIA|ASIA)[A-Z0-9]{12,124}\b/g;

/** Characters. Shorter values are not credentials, and redacting them would make words unreadable. */
const SHORTEST = 8;
/** Characters of a secret that a type names: it can be a short password. */
const SHORTEST_NAMED = 4;

/** What one invocation must never reveal. Filled as secrets become known; ends with the invocation. */
export class Secrets {
  readonly #values = new Set<string>();

  /** Adds credentials: values that are at least eight characters long. */
  add(...values: readonly (string | undefined)[]): void {
    for (const value of values) {
      if (value !== undefined && value.length >= SHORTEST) {
        this.#add(value);
      }
    }
  }

  /** Adds every text of at least four characters in values that a resource type calls secrets, at any depth. */
  addNamed(...values: readonly unknown[]): void {
    for (const text of values.flatMap(textsIn)) {
      if (text.length >= SHORTEST_NAMED) {
        this.#add(text);
      }
    }
  }

  /** Also as it looks in JSON, which messages can quote. */
  #add(secret: string): void {
    this.#values.add(secret).add(JSON.stringify(secret).slice(1, -1));
  }

  /** The text with `<REDACTED>` in place of every secret. */
  redact(text: string): string {
    // The longest first: where one secret contains another, the rest of it would remain.
    const values = [...this.#values].sort((one, other) => other.length - one.length);
    const redacted = values.reduce((rest, value) => rest.replaceAll(value, '<REDACTED>'), text);
    return redacted.replace(ACCESS_KEY_ID, '<REDACTED>');
  }
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') {
    return [value];
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
