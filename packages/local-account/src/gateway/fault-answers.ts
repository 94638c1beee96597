import { ApiError } from './errors';
import type { Fault } from './faults';

/** Each service's code for an internal failure (API references). */
const SERVER_ERRORS: Readonly<Record<string, string>> = {
  ecs: 'ServerException',
  iam: 'ServiceFailure',
  logs: 'ServiceUnavailableException',
  monitoring: 'InternalServiceFault',
};

/** The faults that are answered with an error. */
type ErrorFault = Exclude<Fault, { kind: 'drop' | 'hang' | 'delay' | 'garbage' }>;

/** The error that a fault is answered with. The caller is denied an action as IAM names it. */
export function faultError(fault: ErrorFault, service: string, caller: string, action: string): ApiError {
  switch (fault.kind) {
    case 'throttle':
      return new ApiError('Throttling', 'Rate exceeded');
    case 'error':
      return fault.status === 503
        ? new ApiError('ServiceUnavailable', 'Service is unable to handle request.')
        : new ApiError(SERVER_ERRORS[service] ?? 'InternalFailure', 'An internal error occurred.', 500);
    case 'deny':
      return new ApiError('AccessDenied', `User: ${caller} is not authorized to perform: ${action}`);
    case 'expire':
      return new ApiError('ExpiredToken', 'The security token included in the request is expired');
    case 'refuse': {
      const { code, status, message = `The call was refused with ${code}` } = fault;
      return new ApiError(code, message, status);
    }
  }
}
