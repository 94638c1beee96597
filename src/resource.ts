import type { Model } from 'resource-runtime';
import { ResourceModel } from './models';
import type { RoleArn } from './role/role-arn';

/** The value of a role's own `awsvpcTrunking` setting. */
export type Trunking = 'enabled' | 'disabled';

/** What identifies a resource. */
export interface Identifier {
  readonly role: RoleArn;
}

/** The resource: a role, and the value of its setting. */
export interface RoleTrunking extends Identifier {
  readonly trunking: Trunking;
}

/** The model under the names of the schema, without `Trunking` if only the identifier is given. */
export function toModel({ role, trunking }: Identifier & Partial<RoleTrunking>): Model {
  return new ResourceModel({ roleArn: role.arn, ...(trunking && { trunking }) }).serialize();
}
