/** Access key ids of any caller (IAM guide, "Unique identifiers"): AWS quotes some of its callers' in messages. */
const ACCESS_KEY_ID = /\b(?:AKIA|ASIA)[A-Z0-9]{12,124}\b/g;

/** What one invocation must never tell. Filled as secrets become known; gone with the invocation. */
export class Secrets {
  readonly #values = new Set<string>();

  /** Shorter values are no secrets of AWS's, and would blot out words. */
  add(...values: readonly (string | undefined)[]): void {
    for (const value of values) {
      if (value !== undefined && value.length >= 8) {
        this.#values.add(value);
      }
    }
  }

  /** The text with every secret blotted out. */
  redact(text: string): string {
    // The longest first: what is left of a secret after a part of it is blotted out would be told.
    const values = [...this.#values].sort((one, other) => other.length - one.length);
    const redacted = values.reduce((rest, value) => rest.replaceAll(value, '<REDACTED>'), text);
    return redacted.replace(ACCESS_KEY_ID, '<REDACTED>');
  }
}
