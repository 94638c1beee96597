import { ApiError } from '../../../gateway/errors';
import type { ConditionContext, Operation, Parameters } from '../../../gateway/service';
import type { Role } from '../store/roles';
import { type Iam, onRole } from './on-role';
import { page } from './pages';

/** IAM user guide, "IAM and AWS STS quotas". */
const TAGS_QUOTA = 50;

/** Tags of roles (IAM API reference). */
export function roleTagOperations(iam: Iam): Record<string, Operation> {
  return {
    TagRole: onRole(
      iam,
      ({ roleName, tags }, { parameters }) => {
        const added = readTags(parameters);
        const merged = { ...without(tags, Object.keys(added)), ...added };
        if (Object.keys(merged).length > TAGS_QUOTA) {
          throw new ApiError('LimitExceeded', 'The number of tags has reached the maximum limit.', 409);
        }
        iam.roles.update(roleName, { tags: merged });
        return undefined;
      },
      { context: requestTags },
    ),
    UntagRole: onRole(
      iam,
      ({ roleName, tags }, { parameters }) => {
        iam.roles.update(roleName, { tags: without(tags, listOf(parameters.TagKeys)) });
        return undefined;
      },
      { context: ({ TagKeys }) => ({ 'aws:TagKeys': listOf(TagKeys) }) },
    ),
    ListRoleTags: onRole(iam, (role, { parameters }) =>
      page(
        parameters,
        'Tags',
        describeTags(role),
        ({ Key }) => Key,
        (tag) => tag,
      ),
    ),
  };
}

/**
 * The tags of a request. Keys are unique without regard to case (IAM user guide, "Tags for AWS Identity and Access
 * Management resources").
 * @throws ApiError InvalidInput, ValidationError
 */
export function readTags({ Tags }: Parameters): Record<string, string> {
  const tags = listOf<{ Key?: string; Value?: string }>(Tags);
  const keys = tags.map(({ Key = '' }) => Key.toLowerCase());
  if (new Set(keys).size < keys.length) {
    const message = 'Duplicate tag keys found. Please note that Tag keys are case insensitive.';
    throw new ApiError('InvalidInput', message);
  }
  for (const { Key = '', Value = '' } of tags) {
    // API reference, Tag: lengths and pattern.
    if (
      !/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(Key) ||
      !/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(Value)
    ) {
      throw new ApiError('ValidationError', `The tag '${Key}' with the value '${Value}' is not valid`);
    }
  }
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}

/** The condition keys of the tags in a request. */
export function requestTags({ Tags }: Parameters): ConditionContext {
  const tags = listOf<{ Key?: string; Value?: string }>(Tags);
  const context: ConditionContext = tags.length > 0 ? { 'aws:TagKeys': tags.map(({ Key = '' }) => Key) } : {};
  for (const { Key = '', Value = '' } of tags) {
    context[`aws:RequestTag/${Key}`] = Value;
  }
  return context;
}

/** A role's tags as members, by key. */
export function describeTags({ tags }: Role): { Key: string; Value: string }[] {
  return Object.entries(tags)
    .map(([Key, Value]) => ({ Key, Value }))
    .sort((a, b) => (a.Key < b.Key ? -1 : 1));
}

function without(tags: Record<string, string>, keys: readonly string[]): Record<string, string> {
  const removed = new Set(keys.map((key) => key.toLowerCase()));
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !removed.has(key.toLowerCase())));
}

function listOf<T = string>(value: unknown): T[] {
  return Array.isArray(value) ? value : [];
}
