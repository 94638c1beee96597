import { uniqueId } from '../../../ids';
import type { PolicyDocument } from '../documents';
import type { ManagedPolicy } from './entities';

/**
 * The managed policies of AWS that a new account has, of those that templates here name.
 * Source: AWS managed policy reference, "AmazonEC2ContainerServiceforEC2Role", version v10 of 12 February 2026.
 */
export function awsManagedPolicies(): Map<string, ManagedPolicy> {
  const policies = [
    awsManagedPolicy('/', 'AdministratorAccess', [{ Effect: 'Allow', Action: '*', Resource: '*' }]),
    awsManagedPolicy('/service-role/', 'AmazonEC2ContainerServiceforEC2Role', [
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
    ]),
  ];
  return new Map(policies.map((policy) => [policy.arn, policy]));
}

function awsManagedPolicy(path: string, name: string, Statement: object[]): ManagedPolicy {
  const arn = `arn:aws:iam::aws:policy${path}${name}`;
  const document: PolicyDocument = { Version: '2012-10-17', Statement };
  const createDate = new Date();
  return { name, id: uniqueId('ANPA'), arn, path, createDate, description: undefined, document, version: 1 };
}
