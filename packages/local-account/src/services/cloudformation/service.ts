import { isDeepStrictEqual } from 'node:util';
import { ApiError } from '../../gateway/errors';
import type { AccountWith, ApiRequest, Output, Parameters, Service } from '../../gateway/service';
import model from './model.json';
import { changeSetOperations } from './operations/change-sets';
import { driftOperations } from './operations/drift';
import { stackArn } from './operations/input';
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
export function cloudFormationService(regions: Regions): Service {
  const conflict = () =>
    new ApiError('TokenAlreadyExistsException', 'The token has already been used in another request.');
  return { ...regionalService('cloudformation', OPERATIONS, conflict, regions), model };
}

/**
 * A service over the Regions whose actions have the prefix `cloudformation` in IAM. A call that a client repeats with
 * its token has no further effect (API references, ClientRequestToken of CreateStack, ClientToken of CreateResource).
 *
 * @param conflict The error for a token that was used for something else, which was answered with this output.
 */
export function regionalService(
  name: string,
  regionOperations: Readonly<Record<string, RegionOperation>>,
  conflict: (token: string, output: Output) => ApiError,
  regions: Regions,
): Omit<Service, 'model'> {
  const answered = new Map<string, { readonly asked: Parameters; readonly output: Promise<Output> }>();
  const operations = Object.entries(regionOperations).map(([action, operation]) => [
    action,
    async (request: ApiRequest, { authorize }: AccountWith<never>) => {
      const { parameters } = request;
      const region = regions.get(request.region);
      const arn = stackArn(region, request);
      await authorize(request, { action: `cloudformation:${action}`, ...(arn && { resource: arn }) });
      const token = parameters.ClientRequestToken ?? parameters.ClientToken;
      const key = `${region.name} ${action} ${token}`;
      const earlier = answered.get(key);
      if (earlier && !isDeepStrictEqual(earlier.asked, parameters)) {
        throw conflict(String(token), await earlier.output);
      }
      if (earlier) {
        return earlier.output;
      }
      const output = Promise.resolve(operation(region, request));
      if (token !== undefined) {
        answered.set(key, { asked: parameters, output });
        output.catch(() => answered.delete(key));
      }
      return output;
    },
  ]);
  return { name, actionPrefix: 'cloudformation', operations: Object.fromEntries(operations) };
}
