import type { ApiRequest, Authorize, Service } from '../../gateway/service';
import { changeSetOperations } from './operations/change-sets';
import { driftOperations } from './operations/drift';
import { registryOperations } from './operations/registry';
import { resourceOperations } from './operations/resources';
import { stackOperations } from './operations/stacks';
import type { RegionOperation, Regions } from './region';

const OPERATIONS: Readonly<Record<string, RegionOperation>> = {
  ...stackOperations,
  ...resourceOperations,
  ...changeSetOperations,
  ...driftOperations,
  ...registryOperations,
};

/**
 * AWS CloudFormation (API reference), as far as stacks, change sets, drift and private resource types go. Only the
 * API's own actions are authorized: resources are made without asking the caller's policies or the service role's.
 */
export function cloudFormationService(regions: Regions, authorize: Authorize): Service {
  const operations = Object.entries(OPERATIONS).map(([name, operation]) => [
    name,
    async (request: ApiRequest) => {
      await authorize(request, { action: `cloudformation:${name}` });
      return operation(regions.get(request.region), request);
    },
  ]);
  return {
    name: 'cloudformation',
    actionPrefix: 'cloudformation',
    operations: Object.fromEntries(operations),
  };
}
