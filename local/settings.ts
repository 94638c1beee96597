/** One explicit setting of one principal in one Region. */
export interface SettingEntry {
  region: string;
  principalArn: string;
  name: string;
  value: string;
}

const TRUNKING = 'awsvpcTrunking';

/**
 * The explicit ECS account settings, kept per Region and principal. Where no name is given, `awsvpcTrunking`
 * is meant.
 */
export class Settings {
  #entries = new Map<string, SettingEntry>();

  constructor(private readonly rootArn: string) {}

  /** The principal's explicit value, or nothing. */
  get(region: string, principalArn: string, name = TRUNKING): string | undefined {
    return this.#entries.get(key(region, principalArn, name))?.value;
  }

  /** Sets it as the principal would, without asking a policy. */
  set(region: string, principalArn: string, value: string, name = TRUNKING): void {
    this.#entries.set(key(region, principalArn, name), { region, principalArn, name, value });
  }

  /** @returns whether there was one. */
  delete(region: string, principalArn: string, name = TRUNKING): boolean {
    return this.#entries.delete(key(region, principalArn, name));
  }

  /** Sets or, with `undefined`, removes root's value, which is the account default. */
  setAccountDefault(region: string, value: string | undefined, name = TRUNKING): void {
    if (value === undefined) this.delete(region, this.rootArn, name);
    else this.set(region, this.rootArn, value, name);
  }

  /** Everything that is explicitly set, root's values included. */
  entries(): SettingEntry[] {
    return [...this.#entries.values()].map((entry) => ({ ...entry }));
  }
}

function key(region: string, principalArn: string, name: string): string {
  return `${region} ${principalArn} ${name}`;
}
