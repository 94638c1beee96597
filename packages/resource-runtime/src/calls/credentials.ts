/** Temporary credentials, as CloudFormation provides them and `sts:AssumeRole` returns them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** What an HTTP header can contain: credentials are sent in headers. */
const CREDENTIAL = /^[!-~]{1,16384}$/;

/** Credentials of these values; `undefined` if one of them is missing or malformed. */
export function parseCredentials({
  accessKeyId,
  secretAccessKey,
  sessionToken,
}: Partial<Record<keyof Credentials, unknown>>): Credentials | undefined {
  return isCredential(accessKeyId) && isCredential(secretAccessKey) && isCredential(sessionToken)
    ? { accessKeyId, secretAccessKey, sessionToken }
    : undefined;
}

function isCredential(value: unknown): value is string {
  return typeof value === 'string' && CREDENTIAL.test(value);
}
