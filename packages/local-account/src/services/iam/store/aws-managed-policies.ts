import { uniqueId } from '../../../ids';
import type { ManagedPolicy } from './entities';

/** The only managed policy of AWS that templates here name. Source: AWS managed policy reference, v10 of 12 February 2026. */
export const ECS_FOR_EC2_ROLE: ManagedPolicy = {
  name: 'AmazonEC2ContainerServiceforEC2Role',
  id: uniqueId('ANPA'),
  arn: 'arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role',
  path: '/service-role/',
  createDate: new Date(),
  description: undefined,
  version: 10,
  updateDate: new Date(),
  document: {
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
};
