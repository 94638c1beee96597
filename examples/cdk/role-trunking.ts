import { CfnResource } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** The properties of Custom::Ecs::RoleTrunking. */
export interface CfnRoleTrunkingProps {
  /** The container instances' role. */
  readonly roleArn: string;
  /** Defaults to `enabled`. */
  readonly trunking?: 'enabled' | 'disabled';
}

/** ENI trunking for one IAM role: the resource type Custom::Ecs::RoleTrunking. */
export class CfnRoleTrunking extends CfnResource {
  constructor(scope: Construct, id: string, { roleArn, trunking }: CfnRoleTrunkingProps) {
    super(scope, id, {
      type: 'Custom::Ecs::RoleTrunking',
      properties: { RoleArn: roleArn, Trunking: trunking },
    });
  }
}
