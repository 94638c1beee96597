/** Policies that tests write. */

/** A policy document with these statements. */
export const policyOf = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });

/** A trust policy for a principal. */
export const trusting = (Principal: object, Condition?: object) =>
  policyOf({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole', ...(Condition && { Condition }) });

/** An inline policy that allows these actions on everything. */
export const allowing = (Action: string | string[]) => ({
  name: 'Policy',
  document: policyOf({ Effect: 'Allow', Action, Resource: '*' }),
});
