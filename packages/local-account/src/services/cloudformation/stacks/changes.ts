import type { ResourceChange, ResourceChangeDetail } from '@aws-sdk/client-cloudformation';
import type { Model } from '../handlers/contract';
import { differences } from '../providers/provider';
import { KNOWN_AFTER_APPLY, type References, referencesIn } from '../template/functions';
import type { Template, TemplateResource } from '../template/template';
import type { Actual } from './drift';
import { type Stack, type StackResource, stackReferences, without } from './stack';
import type { Stacks } from './stacks';

/** What is compared: a stack with a template. */
interface Comparison {
  readonly stack: Stack;
  readonly template: Template;
  /** The resources to import; see `StackInput`. */
  readonly targets: ReadonlyMap<string, Model>;
  /** What is compared with the template instead of the stack's last properties, to revert drift. */
  readonly actual?: Actual | undefined;
  /** The nested stacks that were looked at and that would not change, by logical ID. */
  readonly unchanged?: ReadonlySet<string> | undefined;
}

/** What would happen to each resource (API reference, DescribeChangeSet), with the values of the properties. */
export function changesOf(stacks: Stacks, comparison: Comparison): ResourceChange[] {
  const { stack, template, targets, actual, unchanged } = comparison;
  const resources = actual?.resources ?? stack.resources;
  const driftOf = new Map(actual?.drifts.map((it) => [it.LogicalResourceId, it.StackResourceDriftStatus]));
  const replaced = new Set<string>();
  const known = stackReferences(stack, stacks.all, KNOWN_AFTER_APPLY);
  // What is replaced is not known yet.
  const references: References = {
    ...known,
    ref: (id) => (replaced.has(id) ? KNOWN_AFTER_APPLY : known.ref(id)),
    getAtt: (id, name) => (replaced.has(id) ? KNOWN_AFTER_APPLY : known.getAtt(id, name)),
  };
  const changes = template.resources.flatMap((declared): ResourceChange[] => {
    const { logicalId, type } = declared;
    const drift = driftOf.get(logicalId);
    const about = {
      LogicalResourceId: logicalId,
      ResourceType: type,
      ...(drift && { ResourceDriftStatus: drift === 'NOT_CHECKED' ? 'UNSUPPORTED' : drift }),
    };
    const wanted = template.resolve(declared.properties, references) as Model;
    const AfterContext = contextOf(wanted);
    const current = resources.find((it) => it.logicalId === logicalId);
    if (!current) {
      const Action = targets.has(logicalId) ? 'Import' : 'Add';
      return [{ Action, ...about, Scope: [], Details: [], AfterContext }];
    }
    const change = !unchanged?.has(logicalId) && modificationOf(stacks, declared, current, wanted, replaced);
    if (change) {
      return [{ ...about, ...change, BeforeContext: contextOf(current.properties), AfterContext }];
    }
    // The template now says what the resource is already.
    const isNews = differences(stack.resource(logicalId)?.properties ?? {}, wanted).length > 0;
    return isNews ? [{ Action: 'SyncWithActual', ...about, PhysicalResourceId: current.physicalId }] : [];
  });
  return [...changes, ...without(resources, template).map(removalOf)];
}

/** How a nested stack changes that was not looked at: perhaps (API reference, ResourceChangeDetail, `ChangeSource`). */
const AUTOMATIC: Omit<ResourceChange, 'Action'> = {
  Replacement: 'False',
  Scope: ['Properties'],
  Details: [
    {
      ChangeSource: 'Automatic',
      Evaluation: 'Dynamic',
      Target: { Attribute: 'Properties', RequiresRecreation: 'Never' },
    },
  ],
};

/** How a resource is changed or replaced, if it is. A replaced one is added to those that are. */
function modificationOf(
  stacks: Stacks,
  declared: TemplateResource,
  current: StackResource,
  wanted: Model,
  replaced: Set<string>,
): ResourceChange | undefined {
  const { logicalId, type, properties, updateReplacePolicy } = declared;
  const { createOnly, nested } = stacks.provider(type);
  const names = differences(current.properties, wanted).sort();
  if (names.length === 0 && current.type === type) {
    return nested && { Action: 'Modify', PhysicalResourceId: current.physicalId, ...AUTOMATIC };
  }
  const Details = names.flatMap((name) => {
    const RequiresRecreation = createOnly.includes(name) ? ('Always' as const) : ('Never' as const);
    const Target = { Attribute: 'Properties' as const, Name: name, RequiresRecreation };
    return causesOf(properties[name], replaced).map((cause) => ({ ...cause, Target }));
  });
  const isReplaced = current.type !== type || names.some((name) => createOnly.includes(name));
  const PolicyAction = updateReplacePolicy === 'Delete' ? 'ReplaceAndDelete' : 'ReplaceAndRetain';
  if (isReplaced) {
    replaced.add(logicalId);
  }
  return {
    Action: 'Modify',
    PhysicalResourceId: current.physicalId,
    Replacement: isReplaced ? 'True' : 'False',
    ...(isReplaced && { PolicyAction }),
    Scope: ['Properties'],
    Details,
  };
}

/** Why a property changes: the resources that it refers to and that are replaced, or the template. */
function causesOf(value: unknown, replaced: ReadonlySet<string>): ResourceChangeDetail[] {
  const causes = referencesIn(value)
    .filter(([id]) => replaced.has(id))
    .map(
      ([id, attribute]): ResourceChangeDetail =>
        attribute === undefined
          ? { ChangeSource: 'ResourceReference', CausingEntity: id, Evaluation: 'Static' }
          : { ChangeSource: 'ResourceAttribute', CausingEntity: `${id}.${attribute}`, Evaluation: 'Static' },
    );
  return causes.length > 0 ? causes : [{ ChangeSource: 'DirectModification', Evaluation: 'Static' }];
}

function removalOf(resource: StackResource): ResourceChange {
  const { logicalId, type, physicalId, deletionPolicy, properties } = resource;
  return {
    Action: 'Remove',
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    PolicyAction: deletionPolicy === 'Delete' ? 'Delete' : 'Retain',
    Scope: [],
    Details: [],
    BeforeContext: contextOf(properties),
  };
}

function contextOf(properties: Model): string {
  return JSON.stringify({ Properties: properties });
}
