/** What a run says: the short form on the screen, everything in a file that a user can attach to a report. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Twelve digits on their own: an account ID, wherever it stands (IAM user guide, "Your AWS account identifiers"). */
const ACCOUNT_ID = /(?<![0-9A-Za-z])\d{12}(?![0-9A-Za-z])/g;

/** Access key IDs (IAM user guide, "Unique identifiers"). */
const ACCESS_KEY = /\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g;

/** Writes each line as it comes, so that a run that is killed leaves what it had said. */
export class Transcript {
  readonly #names: string[] = [];

  /**
   * Replaces the file.
   *
   * @param path Where to write.
   * @param print Takes what is for the screen, a line at a time.
   */
  constructor(
    readonly path: string,
    private readonly print: (line: string) => void,
  ) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
  }

  /** Keeps a text out of the file from now on, such as the name of the user who runs this. */
  hide(text: string): void {
    if (text !== '') {
      this.#names.push(text);
    }
  }

  /** For the screen and the file. */
  say(text: string): void {
    this.print(text);
    this.note(text);
  }

  /** For the file alone. */
  note(text: string): void {
    appendFileSync(this.path, `${this.#blanked(text)}\n`);
  }

  #blanked(text: string): string {
    return this.#names
      .reduce((changed, name) => changed.replaceAll(name, '<hidden>'), text)
      .replace(ACCOUNT_ID, '<account>')
      .replace(ACCESS_KEY, '<access key>');
  }
}
