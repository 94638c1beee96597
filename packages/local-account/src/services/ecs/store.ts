import type { Clock } from '../../clock';

interface SettingEntry {
  readonly region: string;
  readonly principalArn: string;
  readonly name: string;
  readonly value: string;
}

/** A setting from a time on; without an entry, it is not set. */
interface Change {
  readonly since: number;
  readonly entry: SettingEntry | undefined;
}

/** The explicit ECS account settings by Region and principal; root's are the account defaults. */
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

  #changes = new Map<string, Change[]>();

  constructor(private readonly clock: Clock) {}

  /** The principal's explicit value, or nothing. */
  get(region: string, principalArn: string, name: string): string | undefined {
    return this.#changes.get(key(region, principalArn, name))?.at(-1)?.entry?.value;
  }

  /** The value that a list shows, which can be an earlier one. */
  listed(region: string, principalArn: string, name: string): string | undefined {
    const shown = this.clock.now() - this.lag;
    const changes = this.#changes.get(key(region, principalArn, name));
    return changes?.findLast(({ since }) => since <= shown)?.entry?.value;
  }

  /** Sets it as the principal would, without authorization. */
  set(region: string, principalArn: string, name: string, value: string): void {
    this.#note(key(region, principalArn, name), { region, principalArn, name, value });
  }

  delete(region: string, principalArn: string, name: string): void {
    this.#note(key(region, principalArn, name), undefined);
  }

  /** Everything that is explicitly set, root's values included. */
  entries(): SettingEntry[] {
    return [...this.#changes.values()].flatMap((changes) => changes.at(-1)?.entry ?? []);
  }

  /** Makes lists show the current values at once. */
  settle(): void {
    for (const [setting, changes] of this.#changes) {
      this.#changes.set(setting, [{ since: Number.NEGATIVE_INFINITY, entry: changes.at(-1)?.entry }]);
    }
  }

  #note(setting: string, entry: SettingEntry | undefined): void {
    const changes = this.#changes.get(setting) ?? [];
    this.#changes.set(setting, [...changes, { since: this.clock.now(), entry }]);
  }
}

function key(region: string, principalArn: string, name: string): string {
  return `${region} ${principalArn} ${name}`;
}
