import querystring from 'node:querystring';
import { ApiError, found, invalid } from '../../gateway/errors';
import { optionalString, requiredString } from '../../gateway/parameters';
import type { AccountWith, ApiRequest, ConditionContext, Parameters } from '../../gateway/service';
import { resourceTags } from '../iam/evaluation/authorize';
import type { Session } from '../sts/store';
import type { ServiceAccount } from './handlers/driver';
import { refused } from './registry/refusals';
import type { Actor } from './stacks/stack';

const SERVICE = 'cloudformation.amazonaws.com';

/** Where templates can be: in Amazon S3, which is at a loopback address here. */
const S3_HOST = /^(?:(.+)\.)?s3[.-].*amazonaws\.com(?:\.cn)?$|^127\.0\.0\.1$|^localhost$/;

type PermissionsAccount = ServiceAccount & AccountWith<'buckets' | 'sessions' | 'roles'>;

/** What callers may do with the stacks and types of one Region, and read for them. */
export class Permissions {
  constructor(
    private readonly account: PermissionsAccount,
    private readonly region: string,
  ) {}

  /** Returns if a caller may make a call of CloudFormation's API. @throws ApiError AccessDenied */
  async authorize(caller: Session, operation: string, resource?: string): Promise<void> {
    await this.#authorize(caller, `cloudformation:${operation}`, resource);
  }

  /**
   * Whose permissions apply to resources: the service role's, or the caller's (user guide, "using-iam-servicerole"). If
   * the request names a role, the caller needs iam:PassRole for it. The role that the stack already has applies to
   * everyone who may change the stack (API reference, CreateStack, `RoleARN`).
   *
   * @param known The stack's service role.
   * @throws ApiError AccessDenied; ValidationError for a role that does not exist or does not trust CloudFormation.
   */
  async actor({ caller, parameters }: ApiRequest, known: string | undefined): Promise<Actor> {
    const { account } = this;
    const given = optionalString(parameters, 'RoleARN');
    const token = optionalString(parameters, 'ClientRequestToken');
    await this.#passRole(caller, given, SERVICE);
    const roleArn = given ?? known;
    if (roleArn === undefined) {
      return { token, caller: { ...caller, calledVia: SERVICE } };
    }
    const { accessKeyId, sessionToken } = await account
      .assumeAsService(SERVICE, roleArn, { sessionName: 'AWSCloudFormation' })
      .catch(insteadOfApiError(invalid(`Role ${roleArn} is invalid or cannot be assumed`)));
    return { token, roleArn, caller: account.sessions.find(accessKeyId, sessionToken) };
  }

  /**
   * The package that a RegisterType names. The caller needs iam:PassRole for the roles of the version, and s3:GetObject
   * for the package (API reference, RegisterType, `SchemaHandlerPackage`).
   *
   * @throws ApiError AccessDenied, CFNRegistryException
   */
  async packageFor(caller: Session, parameters: Parameters): Promise<Buffer> {
    const { ExecutionRoleArn, LoggingConfig } = parameters;
    for (const roleArn of [ExecutionRoleArn, (LoggingConfig as Parameters | undefined)?.LogRoleArn]) {
      await this.#passRole(caller, roleArn, 'resources.cloudformation.amazonaws.com');
    }
    const url = requiredString(parameters, 'SchemaHandlerPackage');
    const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
    // The wording of org-formation/aws-resource-providers issue 145.
    const unreadable = refused(
      'Error validating schemaHandlerPackage. Check the permissions on the bucket and object in your account and try again.',
    );
    return this.#object(caller, bucket, key, unreadable, unreadable);
  }

  /** A template in Amazon S3, by its URL in any of the forms that S3 has. @throws ApiError ValidationError */
  async templateAt(caller: Session, url: string): Promise<string> {
    const { protocol, hostname, pathname } = new URL(URL.canParse(url) ? url : 'none://');
    // Recorded: localstack, test_create_stack_from_s3_template_url.
    if (protocol === 's3:') {
      throw invalid(`S3 error: Domain name specified in ${hostname} is not a valid S3 domain`);
    }
    const [isInS3, inHost] = S3_HOST.exec(hostname) ?? [];
    const path = inHost === undefined ? pathname : `/${inHost}${pathname}`;
    const [, bucket, key] = /^\/([^/]+)\/(.+)$/.exec(querystring.unescape(path)) ?? [];
    if (!isInS3 || bucket === undefined || key === undefined) {
      throw invalid('TemplateURL must be a supported URL.');
    }
    const denied = invalid('S3 error: Access Denied');
    const missing = invalid(`S3 error: The specified key does not exist at ${url}`);
    return (await this.#object(caller, bucket, key, denied, missing)).toString('utf8');
  }

  /** An object in Amazon S3. @throws ApiError `denied` to a caller who may not read it, `missing` if there is none. */
  async #object(caller: Session, bucket: string, key: string, denied: ApiError, missing: ApiError) {
    const resource = `arn:aws:s3:::${bucket}/${key}`;
    await this.#authorize(caller, 's3:GetObject', resource).catch(insteadOfApiError(denied));
    return found(this.account.buckets.find(bucket, key), missing);
  }

  async #passRole(caller: Session, roleArn: unknown, service: string): Promise<void> {
    if (roleArn !== undefined) {
      const { tags } = this.account.roles.byArn(String(roleArn)) ?? {};
      const context = { ...resourceTags(tags), 'iam:PassedToService': service };
      await this.#authorize(caller, 'iam:PassRole', String(roleArn), context);
    }
  }

  #authorize(caller: Session, action: string, resource?: string, context?: ConditionContext): Promise<void> {
    return this.account.authorize({ caller, region: this.region }, { action, resource, context });
  }
}

/** Throws this error in place of an API's. Any other error is the local account's own. */
function insteadOfApiError(error: ApiError): (cause: unknown) => never {
  return (cause) => {
    throw cause instanceof ApiError ? error : cause;
  };
}
