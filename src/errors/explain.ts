import type { HandlerError, ResourceRequest, ServiceError } from 'resource-runtime';
import type { Filter } from '../properties';
import type { Identifier } from '../resource';
import { explainDenial } from './denial';

/** Says more about an error of AWS than the runtime can: what a denial means, and what to do about a role or a token. */
export async function explain(
  error: ServiceError,
  target: Identifier | Filter,
  request: ResourceRequest,
  canWait: boolean,
): Promise<HandlerError | ServiceError | undefined> {
  if (error.kind === 'denied') {
    // A list leaves out the roles that deny the handler. What is denied to a list is denied to the handler role.
    const role = request.action === 'LIST' || target === 'nothing' ? undefined : target.role;
    return role && explainDenial(error, role, request, canWait);
  }
  const advice = adviceFor(error);
  return advice === undefined ? undefined : error.withAdvice(advice);
}

function adviceFor({ action, kind }: ServiceError): string | undefined {
  if (kind === 'credentials' && action.startsWith('ecs:')) {
    // These are the credentials of a session that this request has opened.
    return 'Retry; if it fails again, check that the role still exists.';
  }
  if (kind !== 'invalid-parameter') {
    return undefined;
  }
  // iam:ListRoles takes no RoleArn. Its caller can choose nextToken alone.
  return action === 'iam:ListRoles'
    ? 'List again from the start, without nextToken.'
    : 'Check RoleArn, and that the Region is enabled for the account.';
}
