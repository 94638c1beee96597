import type { AccountIdentity } from '../../../account-identity';
import { uniqueId } from '../../../ids';

/** An instance profile of the account. */
export interface InstanceProfile {
  readonly instanceProfileName: string;
  readonly instanceProfileId: string;
  readonly arn: string;
  readonly path: string;
  readonly createDate: Date;
  /** None or one (IAM user guide, "IAM and AWS STS quotas"). */
  roleNames: string[];
}

/** The instance profiles of one account. */
export class InstanceProfiles {
  #profiles = new Map<string, InstanceProfile>();

  constructor(private readonly identity: AccountIdentity) {}

  /** @throws Error when the name is in use. */
  create(instanceProfileName: string, { path = '/', roleNames = [] as string[] } = {}): InstanceProfile {
    if (this.#profiles.has(instanceProfileName)) {
      throw new Error(`Instance Profile ${instanceProfileName} already exists.`);
    }
    const { partition, accountId } = this.identity;
    const profile = {
      instanceProfileName,
      instanceProfileId: uniqueId('AIPA'),
      arn: `arn:${partition}:iam::${accountId}:instance-profile${path}${instanceProfileName}`,
      path,
      createDate: new Date(),
      roleNames,
    };
    this.#profiles.set(instanceProfileName, profile);
    return profile;
  }

  get(instanceProfileName: string): InstanceProfile | undefined {
    return this.#profiles.get(instanceProfileName);
  }

  /** @returns Whether there was one. */
  delete(instanceProfileName: string): boolean {
    return this.#profiles.delete(instanceProfileName);
  }

  /** The profiles that contain a role, by name. */
  withRole(roleName: string): InstanceProfile[] {
    return [...this.#profiles.values()]
      .filter(({ roleNames }) => roleNames.includes(roleName))
      .sort((a, b) => (a.instanceProfileName < b.instanceProfileName ? -1 : 1));
  }
}
