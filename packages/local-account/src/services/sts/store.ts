import { randomBytes } from 'node:crypto';
import { ApiError } from '../../gateway/errors';
import { uniqueId } from '../../ids';
import type { PolicyDocument } from '../iam/documents';
import type { Role, User } from '../iam/store';

/** What a client signs with; long-term keys have an empty session token. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

/** The role or user of an access key. */
type Identity =
  | { kind: 'role'; role: Role; sessionName: string; sessionPolicy?: PolicyDocument | undefined }
  | { kind: 'user'; user: User };

/** A known access key: who calls with it, in the forms that policies, settings and messages need. */
export interface Session {
  readonly credentials: Credentials;
  readonly identity: Identity;
  /** The session's ARN (`arn:aws:sts::…:assumed-role/X/Y`) or the user's. */
  readonly arn: string;
  /** The role's ARN, path included, or the user's: the principal that settings belong to. */
  readonly principalArn: string;
  /** `aws:userid`: the role's ID and the session's name, or the user's ID. */
  readonly userId: string;
  /** The AWS service that calls with the caller's permissions (`aws:CalledVia`). */
  readonly calledVia?: string;
  /** Set for temporary credentials. */
  readonly issuedAt?: number;
  expiresAt?: number;
}

type Lifetime = Pick<Session, 'issuedAt' | 'expiresAt'>;

export class Sessions {
  #byKey = new Map<string, Session>();

  constructor(private readonly accountId: string) {}

  /** Temporary credentials for a role or user, valid for a number of seconds. */
  issue(identity: Identity, durationSeconds: number): Session {
    const issuedAt = Date.now();
    const expiresAt = issuedAt + durationSeconds * 1000;
    return this.#add('ASIA', randomBytes(180).toString('base64'), identity, { issuedAt, expiresAt });
  }

  /** A long-term access key of a user. */
  issueLongTerm(user: User): Credentials {
    return this.#add('AKIA', '', { kind: 'user', user }, {}).credentials;
  }

  /** All credentials issued so far, for tests that search for them. */
  get issued(): Credentials[] {
    return [...this.#byKey.values()].map(({ credentials }) => credentials);
  }

  /**
   * Who signed a request, by access key and token.
   * @throws ApiError InvalidClientTokenId when the pair was not issued, ExpiredToken when it was and has expired
   * (codes: IAM and STS API references, "CommonErrors").
   */
  find(accessKeyId: string, token: string): Session {
    const session = this.#byKey.get(accessKeyId);
    if (!session || session.credentials.sessionToken !== token) {
      throw new ApiError('InvalidClientTokenId', 'The security token included in the request is invalid.');
    }
    if (session.expiresAt !== undefined && session.expiresAt <= Date.now()) {
      throw new ApiError('ExpiredToken', 'The security token included in the request is expired');
    }
    return session;
  }

  #add(keyPrefix: 'AKIA' | 'ASIA', sessionToken: string, identity: Identity, lifetime: Lifetime): Session {
    const accessKeyId = uniqueId(keyPrefix, 16);
    const credentials = { accessKeyId, secretAccessKey: randomBytes(30).toString('base64'), sessionToken };
    const session = { credentials, identity, ...principalOf(identity, this.accountId), ...lifetime };
    this.#byKey.set(accessKeyId, session);
    return session;
  }
}

function principalOf(identity: Identity, accountId: string) {
  if (identity.kind === 'user') {
    const { arn, id } = identity.user;
    return { arn, principalArn: arn, userId: id };
  }
  const { role, sessionName } = identity;
  return {
    arn: `arn:aws:sts::${accountId}:assumed-role/${role.name}/${sessionName}`,
    principalArn: role.arn,
    userId: `${role.id}:${sessionName}`,
  };
}
