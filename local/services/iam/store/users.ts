import type { AccountIdentity } from '../../../account-identity';
import { uniqueId } from '../../../ids';
import type { NamedPolicy } from '../documents';

/** An IAM user of the account. */
export interface User {
  readonly userName: string;
  readonly userId: string;
  readonly arn: string;
  readonly createDate: Date;
  readonly policies: NamedPolicy[];
}

/** The users of one account. */
export class Users {
  #users = new Map<string, User>();

  constructor(private readonly identity: AccountIdentity) {}

  /** Makes a user with these policies, or returns the one of that name. */
  create(userName: string, policies: NamedPolicy[]): User {
    const { partition, accountId } = this.identity;
    const arn = `arn:${partition}:iam::${accountId}:user/${userName}`;
    const made = { userName, userId: uniqueId('AIDA'), arn, createDate: new Date(), policies };
    const user = this.#users.get(userName) ?? made;
    this.#users.set(userName, user);
    return user;
  }

  get(userName: string): User | undefined {
    return this.#users.get(userName);
  }

  list(): readonly User[] {
    return [...this.#users.values()];
  }
}
