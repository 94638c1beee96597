import type { HandlerError } from 'resource-runtime';
import {
  AlreadyExists,
  NotFound,
  NothingToUpdate,
  NotStabilized,
  NotUpdatable,
} from '../../../src/errors/resource-errors';

/* What users read. A changed message changes here too. */

const ROLE = 'arn:aws:iam::111122223333:role/instances';

test.each<[() => HandlerError, string, string]>([
  [
    () => new AlreadyExists(ROLE, 'us-east-1', 'enabled'),
    'AlreadyExists',
    'The role already has an explicit awsvpcTrunking setting in us-east-1 (enabled). To see which stack manages it, ' +
      `run aws cloudformation describe-stack-resources --physical-resource-id ${ROLE}. If none does, import the ` +
      'setting into this stack, or delete it and create the stack again.',
  ],
  [
    () => new NotFound(ROLE, 'us-east-1'),
    'NotFound',
    `${ROLE} has no explicit awsvpcTrunking setting in us-east-1; the account default applies to it.`,
  ],
  [
    () => new NothingToUpdate(ROLE, 'us-east-1'),
    'NotFound',
    `${ROLE} has no explicit awsvpcTrunking setting in us-east-1 any more: someone deleted it. If the rollback fails ` +
      'too, continue it with --resources-to-skip. To create the setting again, execute a change set with ' +
      '--deployment-mode REVERT_DRIFT, or remove the resource from the template, deploy, and add it again.',
  ],
  [
    () => new NotUpdatable('"x"', ROLE),
    'NotUpdatable',
    `RoleArn cannot be updated from "x" to ${ROLE}: the resource must be replaced.`,
  ],
  [
    () => new NotStabilized(ROLE, 'us-east-1', 'disabled'),
    'NotStabilized',
    `ECS changed awsvpcTrunking to disabled for ${ROLE} in us-east-1, but still lists another value. Another ` +
      'principal might have changed it since. Check with aws ecs list-account-settings, called as that role.',
  ],
  [
    () => new NotStabilized(ROLE, 'us-east-1', undefined),
    'NotStabilized',
    `ECS deleted awsvpcTrunking for ${ROLE} in us-east-1, but still lists another value. Another ` +
      'principal might have changed it since. Check with aws ecs list-account-settings, called as that role.',
  ],
])('error %# has its code and its message', (make, code, message) => {
  const error = make();
  expect([error.errorCode, error.message]).toEqual([code, message]);
});

test('a path that a shell would run is quoted in the command', () => {
  const arn = "arn:aws:iam::111122223333:role/$(id);'/instances";
  expect(new AlreadyExists(arn, 'us-east-1', 'enabled').message).toContain(
    `--physical-resource-id 'arn:aws:iam::111122223333:role/$(id);'\\''/instances'. If`,
  );
});
