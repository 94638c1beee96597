import { ApiError, found, invalid } from '../../../gateway/errors';
import { requiredString } from '../../../gateway/parameters';
import type { Operation, Parameters } from '../../../gateway/service';
import { encodeDocument, type NamedPolicy, readPolicy, sizeOf } from '../documents';
import type { Role } from '../store/entities';
import { attachablePolicy, type IamStores, missing, nameOf, operationOn, POLICY, ROLE } from './entities';
import { markedPage } from './pages';

/** IAM user guide, "IAM and AWS STS quotas": characters of all inline policies of a role together. */
const INLINE_POLICIES_QUOTA = 10_240;

/** Inline policies of roles (IAM API reference). */
export const inlinePolicyOperations: Record<string, Operation<IamStores>> = {
  PutRolePolicy: operationOn(ROLE, (role, { parameters }): undefined => {
    const name = nameOf(parameters, 'policy');
    const document = readPolicy(requiredString(parameters, 'PolicyDocument'));
    const inlinePolicies = [...othersThan(name, role), { name, document }];
    const size = inlinePolicies.reduce((sum, policy) => sum + sizeOf(policy.document), 0);
    if (size > INLINE_POLICIES_QUOTA) {
      const message = `Maximum policy size of ${INLINE_POLICIES_QUOTA} bytes exceeded for role ${role.name}`;
      throw new ApiError('LimitExceeded', message);
    }
    role.inlinePolicies = inlinePolicies;
  }),
  GetRolePolicy: operationOn(ROLE, (role, { parameters }) => {
    const { name, document } = inlinePolicy(role, parameters);
    return { RoleName: role.name, PolicyName: name, PolicyDocument: encodeDocument(document) };
  }),
  DeleteRolePolicy: operationOn(ROLE, (role, { parameters }): undefined => {
    role.inlinePolicies = othersThan(inlinePolicy(role, parameters).name, role);
  }),
  ListRolePolicies: operationOn(ROLE, ({ inlinePolicies }, { parameters }) => {
    return markedPage(parameters, 'PolicyNames', inlinePolicies.map(({ name }) => name).sort());
  }),
};

/** Managed policies that are attached to roles (IAM API reference). */
export const attachedPolicyOperations: Record<string, Operation<IamStores>> = {
  AttachRolePolicy: operationOn(ROLE, (role, { parameters }, iam): undefined => {
    const arn = requiredString(parameters, 'PolicyArn');
    if (!arn.startsWith('arn:')) {
      throw invalid('Invalid ARN:  Could not be parsed!');
    }
    attachablePolicy(iam, arn);
    role.managedPolicyArns = [...new Set([...role.managedPolicyArns, arn])];
  }),
  DetachRolePolicy: operationOn(ROLE, (role, { parameters }): undefined => {
    const arn = requiredString(parameters, 'PolicyArn');
    if (!role.managedPolicyArns.includes(arn)) {
      throw missing(POLICY, arn);
    }
    role.managedPolicyArns = role.managedPolicyArns.filter((it) => it !== arn);
  }),
  ListAttachedRolePolicies: operationOn(ROLE, ({ managedPolicyArns }, { parameters }) => {
    const describe = (arn: string) => ({ PolicyName: arn.split('/').at(-1), PolicyArn: arn });
    return markedPage(parameters, 'AttachedPolicies', [...managedPolicyArns].sort(), describe);
  }),
};

/** @throws ApiError NoSuchEntity */
function inlinePolicy({ inlinePolicies }: Role, parameters: Parameters): NamedPolicy {
  const policyName = nameOf(parameters, 'policy');
  return found(
    inlinePolicies.find(({ name }) => name === policyName),
    new ApiError('NoSuchEntity', `The role policy with name ${policyName} cannot be found.`),
  );
}

function othersThan(policyName: string, { inlinePolicies }: Role): NamedPolicy[] {
  return inlinePolicies.filter(({ name }) => name !== policyName);
}
