import type { LocalAccount } from 'local-account';

/** Everything that a run can leave behind in a Region: roles, active stacks, types, settings. */
export function contentOf(account: LocalAccount, region: string): string[] {
  const { stacks, registry } = account.cloudFormation(region);
  return [
    ...account.roles.list().map(({ arn }) => arn),
    ...stacks.all
      .filter(({ status }) => status !== 'DELETE_COMPLETE')
      .map(({ name, status }) => `${name} ${status}`),
    ...registry.versions().map(({ arn }) => arn),
    ...account.settings.entries().map((entry) => JSON.stringify(entry)),
  ].filter((name) => !/LocalFunctionRole/.test(name));
}
