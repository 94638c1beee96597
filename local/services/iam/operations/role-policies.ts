import { ApiError } from '../../../gateway/errors';
import { requiredString } from '../../../gateway/parameters';
import type { Operation, Parameters } from '../../../gateway/service';
import {
  encodeDocument,
  identityPolicyProblem,
  type NamedPolicy,
  type PolicyDocument,
  readDocument,
  sizeOf,
} from '../documents';
import { isManagedPolicy } from '../evaluation/managed-policies';
import type { Role } from '../store/roles';
import { nameOf } from './names';
import { type Iam, onRole } from './on-role';
import { page } from './pages';

/** IAM user guide, "IAM and AWS STS quotas": characters of all inline policies of a role together. */
const INLINE_POLICIES_QUOTA = 10_240;

/** Inline policies of roles (IAM API reference). */
export function inlinePolicyOperations(iam: Iam): Record<string, Operation> {
  return {
    PutRolePolicy: onRole(
      iam,
      (role, { parameters }) => {
        const name = nameOf(parameters, 'PolicyName', 128);
        const policy = { name, document: identityPolicyOf(parameters) };
        const inlinePolicies = [...othersThan(name, role), policy];
        const size = inlinePolicies.reduce((sum, { document }) => sum + sizeOf(document), 0);
        if (size > INLINE_POLICIES_QUOTA) {
          const message = `Maximum policy size of ${INLINE_POLICIES_QUOTA} bytes exceeded for role ${role.roleName}`;
          throw new ApiError('LimitExceeded', message, 409);
        }
        iam.roles.update(role.roleName, { inlinePolicies });
        return undefined;
      },
      { changes: true },
    ),
    GetRolePolicy: onRole(iam, (role, { parameters }) => {
      const { name, document } = inlinePolicy(role, parameters);
      return { RoleName: role.roleName, PolicyName: name, PolicyDocument: encodeDocument(document) };
    }),
    DeleteRolePolicy: onRole(
      iam,
      (role, { parameters }) => {
        const { name } = inlinePolicy(role, parameters);
        iam.roles.update(role.roleName, { inlinePolicies: othersThan(name, role) });
        return undefined;
      },
      { changes: true },
    ),
    ListRolePolicies: onRole(iam, ({ inlinePolicies }, { parameters }) => {
      const names = inlinePolicies.map(({ name }) => name).sort();
      return page(
        parameters,
        'PolicyNames',
        names,
        (name) => name,
        (name) => name,
      );
    }),
  };
}

/** Managed policies that are attached to roles (IAM API reference). */
export function attachedPolicyOperations(iam: Iam): Record<string, Operation> {
  const access = {
    changes: true,
    context: ({ PolicyArn }: Parameters) => ({ 'iam:PolicyARN': String(PolicyArn ?? '') }),
  };
  return {
    AttachRolePolicy: onRole(
      iam,
      ({ roleName, managedPolicyArns }, { parameters }) => {
        const arn = requiredString(parameters, 'PolicyArn');
        if (!isManagedPolicy(arn) && !iam.roles.customerPolicies.has(arn)) {
          throw new ApiError('NoSuchEntity', `Policy ${arn} does not exist or is not attachable.`, 404);
        }
        iam.roles.update(roleName, { managedPolicyArns: [...new Set([...managedPolicyArns, arn])] });
        return undefined;
      },
      access,
    ),
    DetachRolePolicy: onRole(
      iam,
      ({ roleName, managedPolicyArns }, { parameters }) => {
        const arn = requiredString(parameters, 'PolicyArn');
        if (!managedPolicyArns.includes(arn)) {
          throw new ApiError('NoSuchEntity', `Policy ${arn} was not found.`, 404);
        }
        iam.roles.update(roleName, { managedPolicyArns: managedPolicyArns.filter((it) => it !== arn) });
        return undefined;
      },
      access,
    ),
    ListAttachedRolePolicies: onRole(iam, ({ managedPolicyArns }, { parameters }) => {
      const describe = (arn: string) => ({
        PolicyName: arn.slice(arn.lastIndexOf('/') + 1),
        PolicyArn: arn,
      });
      return page(parameters, 'AttachedPolicies', [...managedPolicyArns].sort(), (arn) => arn, describe);
    }),
  };
}

/** @throws ApiError NoSuchEntity */
function inlinePolicy({ inlinePolicies }: Role, parameters: Parameters): NamedPolicy {
  const policyName = nameOf(parameters, 'PolicyName', 128);
  const policy = inlinePolicies.find(({ name }) => name === policyName);
  if (policy) {
    return policy;
  }
  throw new ApiError('NoSuchEntity', `The role policy with name ${policyName} cannot be found.`, 404);
}

function othersThan(policyName: string, { inlinePolicies }: Role): NamedPolicy[] {
  return inlinePolicies.filter(({ name }) => name !== policyName);
}

/** @throws ApiError MalformedPolicyDocument */
function identityPolicyOf(parameters: Parameters): PolicyDocument {
  const document = readDocument(requiredString(parameters, 'PolicyDocument'));
  const problem = identityPolicyProblem(document);
  if (problem !== undefined) {
    throw new ApiError('MalformedPolicyDocument', problem);
  }
  return document;
}
