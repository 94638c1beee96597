import { isDeepStrictEqual } from 'node:util';
import type { Model } from '../handlers/protocol';
import { differences } from '../providers/provider';
import { invalid } from '../template/document';
import type { Template } from '../template/template';
import { stackReferences } from './operation';
import type { Stack } from './stack';
import type { Stacks } from './stacks';

/** A resource to import: which of the template's, and the identifier that it is read by. */
export interface ImportTarget {
  readonly logicalId: string;
  readonly identifier: Model;
  /** Checked against the template when given. */
  readonly type?: string;
}

/**
 * Checks an import as CreateChangeSet does (user guide, "import-resources-manually", considerations): each resource
 * to import has a deletion policy and its type's identifier, and nothing else of the stack changes.
 *
 * @returns The identifiers by logical ID.
 * @throws ApiError ValidationError
 */
export function importTargets(
  stacks: Stacks,
  stack: Stack,
  template: Template,
  resources: readonly ImportTarget[],
): Map<string, Model> {
  const targets = new Map(resources.map(({ logicalId, identifier }) => [logicalId, identifier]));
  const current = (id: string) => stack.resources.find(({ logicalId }) => logicalId === id);
  for (const { logicalId, identifier, type } of resources) {
    const declared = template.resources.find((it) => it.logicalId === logicalId);
    if (!declared || (type !== undefined && type !== declared.type)) {
      throw invalid(`Resources to import [${logicalId}] are not in the template with this type`);
    }
    if (current(logicalId)) {
      throw invalid(`Resource [${logicalId}] to import is already in the stack ${stack.name}`);
    }
    const names = stacks.options.provider(declared.type)?.identifiers?.();
    if (!names) {
      throw invalid(`ResourceTypes [${declared.type}] are not supported for Import`);
    }
    if (!isDeepStrictEqual([...names].sort(), Object.keys(identifier).sort())) {
      throw invalid(`Invalid resource identifier for [${logicalId}]: it takes [${names.join(', ')}]`);
    }
  }
  const added = template.resources.filter(({ logicalId }) => !current(logicalId));
  const missing = added.map(({ logicalId }) => logicalId).filter((id) => !targets.has(id));
  if (missing.length > 0) {
    throw invalid(`Resource [${missing.join(', ')}] is missing from ResourceToImport list`);
  }
  const without = added.filter(({ logicalId }) => !template.document.resources[logicalId]?.DeletionPolicy);
  if (without.length > 0) {
    const names = without.map(({ logicalId }) => logicalId).join(', ');
    throw invalid(
      `Following resources to import [${names}] must have DeletionPolicy attribute specified in the template.`,
    );
  }
  refuseOtherChanges(stack, template);
  return targets;
}

function refuseOtherChanges(stack: Stack, template: Template): void {
  const references = stackReferences(stack, (name) => name);
  const declared = new Map(template.resources.map((resource) => [resource.logicalId, resource]));
  const modified = stack.resources.filter(({ logicalId, type, properties }) => {
    const resource = declared.get(logicalId);
    const wanted = resource && (template.resolve(resource.properties, references) as Model);
    return !wanted || resource.type !== type || differences(properties, wanted).length > 0;
  });
  if (modified.length > 0) {
    const names = modified.map(({ logicalId }) => logicalId).join(', ');
    throw invalid(
      `You have modified resources [${names}] in your template that are not being imported. ` +
        'Update, create or delete operations cannot be executed during import operations.',
    );
  }
  const outputs = template.outputs.map(({ name }) => name).filter((name) => !(name in stack.outputs));
  if (outputs.length > 0) {
    throw invalid('As part of the import operation, you cannot modify or add [Outputs]');
  }
}
