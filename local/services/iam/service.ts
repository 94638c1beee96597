import type { Service } from '../../gateway/service';
import type { Iam } from './operations/entities';
import { instanceProfileOperations } from './operations/instance-profiles';
import { managedPolicyOperations } from './operations/managed-policies';
import { attachedPolicyOperations, inlinePolicyOperations } from './operations/role-policies';
import { roleOperations } from './operations/roles';
import { tagOperations } from './operations/tags';
import { userOperations } from './operations/users';

/** AWS Identity and Access Management: roles, their policies and tags, instance profiles. */
export function iamService(iam: Iam): Service {
  return {
    name: 'iam',
    actionPrefix: 'iam',
    operations: {
      ...roleOperations(iam),
      ...tagOperations(iam),
      ...inlinePolicyOperations(iam),
      ...attachedPolicyOperations(iam),
      ...managedPolicyOperations(iam),
      ...instanceProfileOperations(iam),
      ...userOperations(iam),
    },
  };
}
