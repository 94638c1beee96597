/** One explicit setting of one principal in one Region. */
interface SettingEntry {
  region: string;
  principalArn: string;
  name: string;
  value: string;
}

/** The value of a setting since a moment; without a value, it was not set. */
interface Change {
  readonly since: number;
  readonly value: string | undefined;
}

const TRUNKING = 'awsvpcTrunking';

/**
 * The explicit ECS account settings by Region and principal. Names default to `awsvpcTrunking`.
 */
export class Settings {
  /**
   * How far lists are behind, in milliseconds of the clock; with `Infinity`, lists do not change. Whether lists of ECS
   * show its writes at once is not documented.
   */
  lag = 0;
  /** Whether DeleteAccountSetting answers without `setting`, which is optional (API reference). */
  answersWithoutSetting = false;
  /** Whether ECS refuses to delete a setting that is not set; the API reference does not say. */
  refusesToDeleteNothing = false;

  #entries = new Map<string, SettingEntry>();
  #history = new Map<string, Change[]>();

  /** @param now Milliseconds. */
  constructor(
    private readonly rootArn: string,
    private readonly now: () => number,
  ) {}

  /** The principal's explicit value, or nothing. */
  get(region: string, principalArn: string, name = TRUNKING): string | undefined {
    return this.#entries.get(key(region, principalArn, name))?.value;
  }

  /** The value that a list shows, which can be an earlier one. */
  listed(region: string, principalArn: string, name = TRUNKING): string | undefined {
    const shown = this.now() - this.lag;
    const changes = this.#history.get(key(region, principalArn, name)) ?? [];
    return changes.findLast(({ since }) => since <= shown)?.value;
  }

  /** Sets it as the principal would, without authorization. */
  set(region: string, principalArn: string, value: string, name = TRUNKING): void {
    this.#entries.set(key(region, principalArn, name), { region, principalArn, name, value });
    this.#note(key(region, principalArn, name), value);
  }

  /** @returns Whether there was one. */
  delete(region: string, principalArn: string, name = TRUNKING): boolean {
    const existed = this.#entries.delete(key(region, principalArn, name));
    if (existed) {
      this.#note(key(region, principalArn, name), undefined);
    }
    return existed;
  }

  /** Sets or, with `undefined`, removes root's value, which is the account default. */
  setAccountDefault(region: string, value: string | undefined, name = TRUNKING): void {
    if (value === undefined) {
      this.delete(region, this.rootArn, name);
    } else {
      this.set(region, this.rootArn, value, name);
    }
  }

  /** Everything that is explicitly set, root's values included. */
  entries(): SettingEntry[] {
    return [...this.#entries.values()].map((entry) => ({ ...entry }));
  }

  /** Makes lists show the current values at once. */
  settle(): void {
    const since = Number.NEGATIVE_INFINITY;
    this.#history = new Map([...this.#entries].map(([name, { value }]) => [name, [{ since, value }]]));
  }

  #note(name: string, value: string | undefined): void {
    const changes = this.#history.get(name) ?? [{ since: Number.NEGATIVE_INFINITY, value: undefined }];
    this.#history.set(name, [...changes, { since: this.now(), value }]);
  }
}

function key(region: string, principalArn: string, name: string): string {
  return `${region} ${principalArn} ${name}`;
}
