import type { Service } from '../../gateway/service';
import model from './model.json';
import type { IamStores } from './operations/entities';
import { instanceProfileOperations } from './operations/instance-profiles';
import { managedPolicyOperations } from './operations/managed-policies';
import { attachedPolicyOperations, inlinePolicyOperations } from './operations/role-policies';
import { roleOperations } from './operations/roles';

/** AWS Identity and Access Management: roles, their policies and tags, instance profiles. */
export const iam: Service<IamStores> = {
  name: 'iam',
  model,
  hidesValues: true,
  operations: {
    ...roleOperations,
    ...inlinePolicyOperations,
    ...attachedPolicyOperations,
    ...managedPolicyOperations,
    ...instanceProfileOperations,
  },
};
