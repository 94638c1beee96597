/** Access key IDs of any caller (IAM guide, "Unique identifiers"): AWS quotes them in some messages. */
const ACCESS_KEY_ID = /\b(?:AKIA|ASIA)[A-Z0-9]{12,124}\b/g;

/** Shorter values are not secrets of AWS, and redacting them would make words unreadable. */
const SHORTEST = 8;

/** What one invocation must never reveal. Filled as secrets become known; ends with the invocation. */
export class Secrets {
  readonly #values = new Set<string>();

  /** Adds values that are at least eight characters long. */
  add(...values: readonly (string | undefined)[]): void {
    for (const value of values) {
      if (value !== undefined && value.length >= SHORTEST) {
        this.#values.add(value);
      }
    }
  }

  /** The text with `<REDACTED>` in place of every secret. */
  redact(text: string): string {
    // The longest first: where one secret contains another, the rest of it would remain.
    const values = [...this.#values].sort((one, other) => other.length - one.length);
    const redacted = values.reduce((rest, value) => rest.replaceAll(value, '<REDACTED>'), text);
    return redacted.replace(ACCESS_KEY_ID, '<REDACTED>');
  }
}
