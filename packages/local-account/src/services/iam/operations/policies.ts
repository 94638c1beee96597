import { ApiError, found, invalid } from '../../../gateway/errors';
import { optionalString, requiredString } from '../../../gateway/parameters';
import type { ApiRequest, Output, Parameters } from '../../../gateway/service';
import { encodeDocument, type NamedPolicy, type PolicyDocument, readPolicy, sizeOf } from '../documents';
import type { ManagedPolicy, Role } from '../store';
import {
  attachablePolicy,
  entityMembers,
  type Iam,
  type IamOperations,
  markedPage,
  missing,
  nameOf,
  operationOn,
  POLICY,
  ROLE,
  toCreate,
} from './entities';

/** IAM user guide, "IAM and AWS STS quotas": characters of all inline policies of a role together. */
const INLINE_POLICIES_QUOTA = 10_240;

/** Inline policies of roles, managed policies that are attached to roles, and managed policies (IAM API reference). */
export const policyOperations: IamOperations = {
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
  CreatePolicy: createPolicy,
  GetPolicy: operationOn(POLICY, (policy, _request, iam) => ({
    Policy: { ...policyMembers(iam, policy), Description: policy.description, Tags: [] },
  })),
  GetPolicyVersion: operationOn(POLICY, ({ arn, document, version, updateDate: CreateDate }, request) => {
    const VersionId = requiredString(request.parameters, 'VersionId');
    if (VersionId !== `v${version}`) {
      const what = `Policy ${arn} version ${VersionId}`;
      throw new ApiError('NoSuchEntity', `${what} does not exist or is not attachable.`);
    }
    const Document = encodeDocument(document);
    return { PolicyVersion: { VersionId, Document, IsDefaultVersion: true, CreateDate } };
  }),
  CreatePolicyVersion: operationOn(POLICY, (policy, request) => {
    if (!request.parameters.SetAsDefault) {
      throw invalid('The local account keeps default versions only');
    }
    policy.document = documentOf(request);
    policy.version += 1;
    policy.updateDate = new Date();
    const { version, updateDate: CreateDate } = policy;
    return { PolicyVersion: { VersionId: `v${version}`, IsDefaultVersion: true, CreateDate } };
  }),
  DeletePolicy: operationOn(POLICY, ({ arn }, _request, iam): undefined => {
    if (attachedTo(iam, arn) + boundedBy(iam, arn) > 0) {
      throw new ApiError('DeleteConflict', 'Cannot delete a policy attached to entities.');
    }
    iam.roles.managedPolicies.delete(arn);
  }),
};

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

async function createPolicy(request: ApiRequest, iam: Iam): Promise<Output> {
  const entity = await toCreate(request, iam, 'policy');
  const { managedPolicies } = iam.roles;
  if (managedPolicies.has(entity.arn)) {
    const message = `A policy called ${entity.name} already exists. Duplicate names are not allowed.`;
    throw new ApiError('EntityAlreadyExists', message);
  }
  const policy = {
    ...entity,
    description: optionalString(request.parameters, 'Description'),
    document: documentOf(request),
    version: 1,
    updateDate: entity.createDate,
  };
  managedPolicies.set(policy.arn, policy);
  return { Policy: policyMembers(iam, policy) };
}

function documentOf({ parameters }: ApiRequest): PolicyDocument {
  return readPolicy(requiredString(parameters, 'PolicyDocument'), { name: 'PolicySize', size: 6144 });
}

function attachedTo({ roles }: Iam, arn: string): number {
  return roles.list().filter(({ managedPolicyArns }) => managedPolicyArns.includes(arn)).length;
}

function boundedBy({ roles }: Iam, arn: string): number {
  return roles.list().filter(({ permissionsBoundary }) => permissionsBoundary === arn).length;
}

function policyMembers(iam: Iam, policy: ManagedPolicy): Record<string, unknown> {
  return {
    ...entityMembers('policy', policy),
    DefaultVersionId: `v${policy.version}`,
    AttachmentCount: attachedTo(iam, policy.arn),
    PermissionsBoundaryUsageCount: boundedBy(iam, policy.arn),
    IsAttachable: true,
    UpdateDate: policy.updateDate,
  };
}
