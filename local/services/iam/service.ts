import type { Service } from '../../gateway/service';
import { roleChanges } from './role-changes';
import { roleReads } from './role-reads';
import type { IamState } from './state';

/** AWS IAM: roles and their policies (IAM API reference). */
export function iamService(state: IamState): Service {
  return { name: 'iam', actionPrefix: 'iam', operations: { ...roleReads(state), ...roleChanges(state) } };
}
