import { isDeepStrictEqual } from 'node:util';
import { ApiError } from '../../gateway/errors';
import type { ApiRequest, Output, Parameters, Service } from '../../gateway/service';
import model from './model.json';
import { changeSetOperations } from './operations/change-sets';
import { driftOperations } from './operations/drift';
import { stackArn } from './operations/input';
import { registryOperations } from './operations/registry';
import { resourceOperations } from './operations/resources';
import { stackOperations } from './operations/stacks';
import type { CloudFormationIn, RegionalOperation } from './regional-cloudformation';

const OPERATIONS: Readonly<Record<string, RegionalOperation>> = {
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
export function cloudFormationService(cloudFormationIn: CloudFormationIn): Service {
  const conflict = () =>
    new ApiError('TokenAlreadyExistsException', 'The token has already been used in another request.');
  return { ...regionalService('cloudformation', OPERATIONS, conflict, cloudFormationIn), model };
}

/**
 * A service over CloudFormation in each Region, whose actions have the prefix `cloudformation` in IAM. A call that a
 * client repeats with its token has no further effect (API references, ClientRequestToken of CreateStack, ClientToken
 * of CreateResource).
 *
 * @param conflict The error for a token that was used for something else, which was answered with this output.
 */
export function regionalService(
  name: string,
  regionalOperations: Readonly<Record<string, RegionalOperation>>,
  conflict: (token: string, output: Output) => ApiError,
  cloudFormationIn: CloudFormationIn,
): Omit<Service, 'model'> {
  const answered = new Map<string, { readonly asked: Parameters; readonly output: Promise<Output> }>();
  const operations = Object.entries(regionalOperations).map(([action, operation]) => [
    action,
    async (request: ApiRequest) => {
      const { parameters, region, caller } = request;
      const cloudFormation = cloudFormationIn(region);
      await cloudFormation.permissions.authorize(caller, action, stackArn(cloudFormation, request));
      const token = parameters.ClientRequestToken ?? parameters.ClientToken;
      const key = `${region} ${action} ${token}`;
      const earlier = answered.get(key);
      if (earlier && !isDeepStrictEqual(earlier.asked, parameters)) {
        throw conflict(String(token), await earlier.output);
      }
      if (earlier) {
        return earlier.output;
      }
      const output = Promise.resolve(operation(cloudFormation, request));
      if (token !== undefined) {
        answered.set(key, { asked: parameters, output });
        output.catch(() => answered.delete(key));
      }
      return output;
    },
  ]);
  return { name, actionPrefix: 'cloudformation', operations: Object.fromEntries(operations) };
}
