import { ApiError, invalid } from '../../../gateway/errors';
import { optionalString, requiredString } from '../../../gateway/parameters';
import type { ApiRequest, Operation, Output } from '../../../gateway/service';
import { encodeDocument, type PolicyDocument, readPolicy, withinQuota } from '../documents';
import type { ManagedPolicy } from '../store/entities';
import { entityMembers, type Iam, type IamStores, operationOn, POLICY, toCreate } from './entities';

/** IAM user guide, "IAM and AWS STS quotas": characters of a managed policy. */
const MANAGED_POLICY_QUOTA = 6144;

/** Managed policies and their default versions (IAM API reference). */
export const managedPolicyOperations: Record<string, Operation<IamStores>> = {
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

/** @throws ApiError MalformedPolicyDocument, LimitExceeded */
function documentOf({ parameters }: ApiRequest): PolicyDocument {
  return withinQuota(
    'PolicySize',
    MANAGED_POLICY_QUOTA,
    readPolicy(requiredString(parameters, 'PolicyDocument')),
  );
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
