import type { ApiRequest, Service } from '../../account-state';
import { changeSetOperations } from './operations/change-sets';
import { driftOperations } from './operations/drift';
import { registryOperations } from './operations/registry';
import { stackOperations } from './operations/stacks';
import type { RegionOperation, Regions } from './region';

const OPERATIONS: Readonly<Record<string, RegionOperation>> = {
  ...stackOperations,
  ...changeSetOperations,
  ...driftOperations,
  ...registryOperations,
};

/**
 * AWS CloudFormation (API reference), as far as stacks, change sets, drift and private resource types go.
 *
 * @param authorize Lets a call pass, or throws AccessDenied.
 */
export function cloudFormationService(
  regions: Regions,
  authorize: (request: ApiRequest, access: { action: string }) => Promise<void>,
): Service {
  const operations = Object.entries(OPERATIONS).map(([name, operation]) => [
    name,
    async (request: ApiRequest) => {
      await authorize(request, { action: `cloudformation:${name}` });
      return operation(regions.get(request.region), request);
    },
  ]);
  return Object.fromEntries(operations);
}
