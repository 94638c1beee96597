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
 * AWS CloudFormation (API reference), as far as stacks, change sets, drift and private resource types go. Resources
 * of AWS's types are made with the caller's permissions or the service role's, those of registered types with the
 * execution role's.
 */
export function cloudFormationService(regions: Regions, authorize: Authorize): Service {
  return regionalService('cloudformation', OPERATIONS, regions, authorize);
}

/** A service over the Regions whose actions have the prefix `cloudformation` in IAM. */
export function regionalService(
  name: string,
  regionOperations: Readonly<Record<string, RegionOperation>>,
  regions: Regions,
  authorize: Authorize,
): Service {
  const operations = Object.entries(regionOperations).map(([action, operation]) => [
    action,
    async (request: ApiRequest) => {
      await authorize(request, { action: `cloudformation:${action}` });
      return operation(regions.get(request.region), request);
    },
  ]);
  return { name, actionPrefix: 'cloudformation', operations: Object.fromEntries(operations) };
}
