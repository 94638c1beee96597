import type { Service } from '../../gateway/service';
import { instanceProfileOperations } from './operations/instance-profiles';
import type { Iam } from './operations/on-role';
import { attachedPolicyOperations, inlinePolicyOperations } from './operations/role-policies';
import { roleTagOperations } from './operations/role-tags';
import { roleOperations } from './operations/roles';
import { userOperations } from './operations/users';

/** AWS Identity and Access Management: roles, their policies and tags, instance profiles. */
export function iamService(iam: Iam): Service {
  return {
    name: 'iam',
    actionPrefix: 'iam',
    operations: {
      ...roleOperations(iam),
      ...roleTagOperations(iam),
      ...inlinePolicyOperations(iam),
      ...attachedPolicyOperations(iam),
      ...instanceProfileOperations(iam),
      ...userOperations(iam),
    },
  };
}
