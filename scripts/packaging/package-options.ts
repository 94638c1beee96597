/** The options of `npm run package`. */
import type { Command } from '../command-line/options';
import { RUNTIME_OPTION } from './runtimes';
import { STAGED_NAMESPACE_OPTION } from './stage';

const OPTIONS = {
  namespace: { ...STAGED_NAMESPACE_OPTION, unset: 'none; required' },
  runtime: RUNTIME_OPTION,
} as const;

/** The command, and every check of its options. */
export const PACKAGE: Command<typeof OPTIONS> = {
  name: 'package',
  summary:
    'Makes the package of the type under a namespace, for examples/register.yml: build/acme/acme-ecs-roletrunking.zip ' +
    'and its checksum (.sha256). In build/acme/release, it adds what a release consists of: the examples, ' +
    'ecs-role-trunking.mjs, a bill of materials (CycloneDX), the licenses and SHA256SUMS. ' +
    'The same source and options give the same bytes.',
  synopsis: '--namespace Acme [options]',
  options: OPTIONS,
  check: ({ namespace }) =>
    namespace === undefined
      ? 'Give the namespace that the type will be registered under, such as --namespace Acme for Acme::Ecs::RoleTrunking.'
      : undefined,
};
