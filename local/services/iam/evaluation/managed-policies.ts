import type { PolicyDocument } from '../documents';

/**
 * AWS managed policies that templates here name, by the part of the ARN after the partition.
 * Source: AWS managed policy reference, "AmazonEC2ContainerServiceforEC2Role", version v10 of 12 February 2026.
 */
const POLICIES: Record<string, PolicyDocument> = {
  ':iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role': {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: [
          'ec2:DescribeTags',
          'ecs:CreateCluster',
          'ecs:DeregisterContainerInstance',
          'ecs:DiscoverPollEndpoint',
          'ecs:Poll',
          'ecs:RegisterContainerInstance',
          'ecs:StartTelemetrySession',
          'ecs:UpdateContainerInstancesState',
          'ecs:Submit*',
          'ecr:GetAuthorizationToken',
          'ecr:BatchCheckLayerAvailability',
          'ecr:GetDownloadUrlForLayer',
          'ecr:BatchGetImage',
          'logs:CreateLogStream',
          'logs:PutLogEvents',
        ],
        Resource: '*',
      },
      {
        Effect: 'Allow',
        Action: 'ecs:TagResource',
        Resource: '*',
        Condition: { StringEquals: { 'ecs:CreateAction': ['CreateCluster', 'RegisterContainerInstance'] } },
      },
      {
        Effect: 'Allow',
        Action: ['ecs:ListTagsForResource'],
        Resource: ['arn:aws:ecs:*:*:task/*/*', 'arn:aws:ecs:*:*:container-instance/*/*'],
      },
    ],
  },
  ':iam::aws:policy/AdministratorAccess': {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  },
};

/** Whether the local account knows an AWS managed policy. */
export function isManagedPolicy(arn: string): boolean {
  return keyOf(arn) in POLICIES;
}

/**
 * The document of an AWS managed policy.
 * @throws Error when the local account does not know the policy, so that none is silently empty.
 */
export function managedPolicy(arn: string): PolicyDocument {
  const document = POLICIES[keyOf(arn)];
  if (document) {
    return document;
  }
  throw new Error(`Policy ${arn} does not exist in the local account; add it to managed-policies.ts`);
}

function keyOf(arn: string): string {
  return arn.replace(/^arn:[^:]+/, '');
}
