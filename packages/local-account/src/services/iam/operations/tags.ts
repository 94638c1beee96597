import { ApiError, invalid } from '../../../gateway/errors';
import { list } from '../../../gateway/parameters';
import type { Operation, Parameters } from '../../../gateway/service';
import type { Role } from '../store/roles';
import { type IamStores, operationOn, ROLE, type Tag } from './entities';

/** IAM user guide, "IAM and AWS STS quotas". */
const TAGS_QUOTA = 50;

/** Tags of roles (IAM API reference). */
export const tagOperations: Record<string, Operation<IamStores>> = {
  TagRole: operationOn(ROLE, (role, { parameters }): undefined => {
    const added = readTags(parameters);
    const tags = { ...without(role.tags, Object.keys(added)), ...added };
    if (Object.keys(tags).length > TAGS_QUOTA) {
      throw new ApiError('LimitExceeded', 'The number of tags has reached the maximum limit.');
    }
    role.tags = tags;
  }),
  UntagRole: operationOn(ROLE, (role, { parameters }): undefined => {
    role.tags = without(role.tags, list<string>(parameters, 'TagKeys'));
  }),
};

/**
 * The tags of a request. Keys are unique without regard to case (IAM user guide, "Tags for AWS Identity and Access
 * Management resources").
 * @throws ApiError InvalidInput, ValidationError
 */
export function readTags(parameters: Parameters): Record<string, string> {
  const tags = list<Tag>(parameters, 'Tags');
  const keys = tags.map(({ Key }) => Key.toLowerCase());
  if (new Set(keys).size < keys.length) {
    const message = 'Duplicate tag keys found. Please note that Tag keys are case insensitive.';
    throw new ApiError('InvalidInput', message);
  }
  const reserved = tags.find(({ Key }) => Key.startsWith('aws:'));
  if (reserved) {
    throw invalid(`The prefix aws: of the tag ${reserved.Key} is reserved`);
  }
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}

/** A role's tags as members, by key. */
export function tagList({ tags }: Role): Tag[] {
  return Object.entries(tags)
    .map(([Key, Value]) => ({ Key, Value }))
    .sort((a, b) => (a.Key < b.Key ? -1 : 1));
}

function without(tags: Record<string, string>, keys: readonly string[]): Record<string, string> {
  const removed = new Set(keys.map((key) => key.toLowerCase()));
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !removed.has(key.toLowerCase())));
}
