import type { ApiRequest, Authorize, Service } from '../../gateway/service';
import type { Regions } from '../cloudformation/region';
import { type CloudControl, cloudControlOperations } from './operations';
import { ResourceRequests } from './requests';

/**
 * AWS Cloud Control API for the types that are registered in an account's registry. IAM knows its actions by the
 * prefix `cloudformation` (service authorization reference, "AWS Cloud Control API").
 */
export function cloudControlService(regions: Regions, authorize: Authorize): Service {
  const controls = new Map<string, CloudControl>();
  const control = (name: string): CloudControl => {
    const made = controls.get(name) ?? { region: regions.get(name), requests: new ResourceRequests() };
    controls.set(name, made);
    return made;
  };
  const operations = Object.entries(cloudControlOperations).map(([name, operation]) => [
    name,
    async (request: ApiRequest) => {
      await authorize(request, { action: `cloudformation:${name}` });
      return operation(control(request.region), request);
    },
  ]);
  return {
    name: 'cloudcontrolapi',
    actionPrefix: 'cloudformation',
    operations: Object.fromEntries(operations),
  };
}
