/** What the tests ask each operation for, and what follows when it fails. */
import type { Action, Model, RunInput } from 'local-account';
import type { TestAccount, Trunking } from './test-account';

type Settings = Readonly<Record<Action, Trunking | undefined>>;

/** The setting before each operation, and the setting that it is asked for. */
export const BEFORE: Settings = {
  CREATE: undefined,
  READ: 'enabled',
  UPDATE: 'enabled',
  DELETE: 'enabled',
  LIST: 'enabled',
};
export const ASKED: Settings = { ...BEFORE, CREATE: 'enabled', UPDATE: 'disabled', DELETE: undefined };

/** What CloudFormation asks an operation for. */
export function inputOf(account: TestAccount, action: Action, roleArn = account.roleArn): RunInput {
  const properties = account.model(action === 'READ' ? undefined : ASKED[action], roleArn);
  switch (action) {
    case 'UPDATE':
      return { properties, previousProperties: account.model(BEFORE.UPDATE, roleArn) };
    case 'LIST':
      return { properties: {} };
    default:
      return { properties };
  }
}

/**
 * Does what CloudFormation does after an operation has failed. A failed delete is not undone: the user deletes the stack
 * again.
 *
 * @param held The model that CloudFormation has of the resource. Without one, it has nothing to delete.
 * @returns what is wrong afterwards.
 */
export async function rollBack(account: TestAccount, action: Action, held?: Model): Promise<string[]> {
  const undoing = undoingOf(account, action, held);
  if (undoing) {
    const { final } = await account.run(...undoing);
    if (final.status !== 'SUCCESS' && final.errorCode !== 'NotFound') {
      return [`was not rolled back: ${final.message}`];
    }
  }
  const left = account.setting();
  const wanted = action === 'DELETE' ? undefined : BEFORE[action];
  return left === wanted ? [] : [`left ${left} after the rollback`];
}

function undoingOf(account: TestAccount, action: Action, held?: Model): [Action, RunInput] | undefined {
  const { properties, previousProperties } = inputOf(account, action);
  switch (action) {
    case 'CREATE':
      return held && ['DELETE', { properties: held }];
    case 'UPDATE':
      return ['UPDATE', { properties: previousProperties, previousProperties: properties }];
    case 'DELETE':
      return ['DELETE', { properties }];
    default:
      return undefined;
  }
}
