import { ApiError } from '../../gateway/errors';
import { secret, uniqueId } from '../../ids';
import type { PolicyDocument } from '../iam/documents';
import type { User } from '../iam/store/entities';
import type { Role } from '../iam/store/roles';

/** What a client signs with; long-term keys have an empty session token. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

/** The role or user of an access key. */
export type Identity =
  | { kind: 'role'; role: Role; sessionName: string; sessionPolicy: PolicyDocument | undefined }
  | { kind: 'user'; user: User };

/** A known access key with its identity. */
export interface Session {
  readonly credentials: Credentials;
  readonly identity: Identity;
  /** Set for temporary credentials. */
  readonly issuedAt?: number;
  expiresAt?: number;
}

/** Every access key that the account issued. */
export class Sessions {
  #byKey = new Map<string, Session>();

  /** Temporary credentials for a role or user, valid for a number of seconds. */
  issue(identity: Identity, durationSeconds: number): Session {
    const issuedAt = Date.now();
    const session: Session = {
      credentials: {
        accessKeyId: uniqueId('ASIA', 16),
        secretAccessKey: secret(30),
        sessionToken: secret(180),
      },
      identity,
      issuedAt,
      expiresAt: issuedAt + durationSeconds * 1000,
    };
    this.#byKey.set(session.credentials.accessKeyId, session);
    return session;
  }

  /** A long-term access key of a user. */
  issueLongTerm(user: User): Credentials {
    const credentials = { accessKeyId: uniqueId('AKIA', 16), secretAccessKey: secret(30), sessionToken: '' };
    this.#byKey.set(credentials.accessKeyId, { credentials, identity: { kind: 'user', user } });
    return credentials;
  }

  /** All credentials issued so far, for tests that search for them. */
  get issued(): Credentials[] {
    return [...this.#byKey.values()].map(({ credentials }) => credentials);
  }

  /** Makes a session expire now. */
  expire(accessKeyId: string): void {
    const session = this.#byKey.get(accessKeyId);
    if (session?.expiresAt !== undefined) {
      session.expiresAt = 0;
    }
  }

  /**
   * Who signed a request, by access key and token.
   * @throws ApiError InvalidClientTokenId when the pair was not issued, ExpiredToken when it was and has expired
   * (codes: IAM and STS API references, "CommonErrors").
   */
  find(accessKeyId: string, token: string): Session {
    const session = this.#byKey.get(accessKeyId);
    if (!session || session.credentials.sessionToken !== token) {
      throw new ApiError(
        'InvalidClientTokenId',
        'The security token included in the request is invalid.',
        403,
      );
    }
    if (session.expiresAt !== undefined && session.expiresAt <= Date.now()) {
      throw new ApiError('ExpiredToken', 'The security token included in the request is expired', 403);
    }
    return session;
  }
}
