import { ApiError } from '../../gateway/errors';
import type { Output, Service } from '../../gateway/service';
import type { RegionalCloudFormations } from '../cloudformation/regional-cloudformation';
import { regionalService } from '../cloudformation/service';
import model from './model.json';
import { cloudControlOperations } from './operations';
import { ResourceRequests } from './requests';

/**
 * AWS Cloud Control API for the types that are registered in an account's registry. IAM knows its actions by the
 * prefix `cloudformation` (service authorization reference, "AWS Cloud Control API").
 */
export function cloudControlService(regional: RegionalCloudFormations): Service {
  const operations = cloudControlOperations(new ResourceRequests());
  return {
    ...regionalService('cloudcontrolapi', operations, conflict, regional),
    model,
    validationError: 'ValidationException',
  };
}

function conflict(token: string, output: Output): ApiError {
  const { RequestToken } = (output as { ProgressEvent: { RequestToken: string } }).ProgressEvent;
  return new ApiError(
    'ClientTokenConflictException',
    `ClientToken ${token} is already associated with an existing operation with RequestToken ${RequestToken}`,
  );
}
