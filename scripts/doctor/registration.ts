/** What is found about the registered type in a Region, and about the role that its handlers run as. */
import { describeType } from '../command-line/registered-type';
import type { Reader } from './calls';
import type { Finding } from './finding';
import { judgeHandlerRole } from './handler-role';
import { STEPS } from './pages';

/** docs/doctor.md has it as a heading. */
export const NOT_REGISTERED = 'The type is not registered in this Region';

/**
 * Looks at the default version of the type and at its handler role.
 *
 * @param typeName Nothing if no type of this name is registered under any namespace.
 * @param level How much it matters that it is not registered.
 */
export async function judgeRegistration(
  reader: Reader,
  typeName: string | undefined,
  level: Finding['level'],
): Promise<Finding[]> {
  const { cloudformation, calls } = reader;
  const how = typeName === undefined ? 'Register it' : 'Check --namespace, or register it';
  const remedy = `${how}: ${STEPS.register}. Without it, nobody but the role itself can read its value.`;
  const missing: Finding = { level, subject: 'type', text: NOT_REGISTERED, remedy };
  if (typeName === undefined) {
    return [missing];
  }
  const answer = await calls.make('cloudformation:DescribeType', async () => ({
    type: await describeType(cloudformation, typeName),
  }));
  if (!answer) {
    return [];
  }
  const { type } = answer;
  if (!type) {
    return [{ ...missing, reason: typeName }];
  }
  const version = `${typeName}, default version ${type.DefaultVersionId ?? 'unknown'}`;
  return [
    { level: 'fine', subject: 'type', text: version },
    ...(await judgeHandlerRole(reader, type.ExecutionRoleArn, typeName)),
  ];
}
