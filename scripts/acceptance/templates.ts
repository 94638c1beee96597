/** The templates of a run, made from the examples that a user deploys. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, isNode, parseDocument, Scalar } from 'yaml';

/** The text of each template. */
export interface Templates {
  /** The handler role of roles.yml, and a bucket for the package. */
  readonly registration: string;
  /** The instance role of roles.yml, a copy of it, and a copy without the tag. */
  readonly roles: string;
  /** trunking.yml. */
  readonly trunking: string;
  /** trunking.yml, whose resource outlives its stack. */
  readonly retained: string;
  /** import.yml. */
  readonly imported: string;
}

/**
 * Reads the examples of a staged copy, which have the type's name under the namespace in them.
 *
 * @param directory The staged copy.
 */
export function templatesIn(directory: string): Templates {
  const example = (name: string) => readFileSync(join(directory, 'examples', name), 'utf8');
  return {
    registration: registrationTemplate(example('roles.yml')),
    roles: rolesTemplate(example('roles.yml')),
    trunking: example('trunking.yml'),
    retained: retainedTemplate(example('trunking.yml')),
    imported: example('import.yml'),
  };
}

function registrationTemplate(roles: string): string {
  const template = parseDocument(roles);
  keep(template, ['HandlerRole']);
  template.setIn(['Resources', 'PackageBucket'], template.createNode({ Type: 'AWS::S3::Bucket' }));
  setOutputs(template, { HandlerRoleArn: ['!GetAtt', 'HandlerRole.Arn'], Bucket: ['!Ref', 'PackageBucket'] });
  return template.toString();
}

function rolesTemplate(roles: string): string {
  const template = parseDocument(roles);
  keep(template, ['InstanceRole']);
  const role = template.getIn(['Resources', 'InstanceRole'], true);
  if (!isNode(role)) {
    throw new Error('examples/roles.yml has no InstanceRole');
  }
  template.setIn(['Resources', 'SecondRole'], role.clone());
  template.setIn(['Resources', 'NotOptedInRole'], role.clone());
  template.deleteIn(['Resources', 'NotOptedInRole', 'Properties', 'Tags']);
  setOutputs(template, {
    InstanceRoleArn: ['!GetAtt', 'InstanceRole.Arn'],
    SecondRoleArn: ['!GetAtt', 'SecondRole.Arn'],
    NotOptedInRoleArn: ['!GetAtt', 'NotOptedInRole.Arn'],
  });
  return template.toString();
}

/**
 * CloudFormation can take a template in which only the deletion policy differs for one without changes
 * (cloudformation-coverage-roadmap issue 1543); so the metadata differ too.
 */
function retainedTemplate(trunking: string): string {
  const template = parseDocument(trunking);
  template.setIn(['Resources', 'RoleTrunking', 'DeletionPolicy'], 'Retain');
  template.setIn(
    ['Resources', 'RoleTrunking', 'Metadata'],
    template.createNode({ Purpose: 'Changes the template' }),
  );
  return template.toString();
}

/** Removes every resource but these. */
function keep(template: Document, logicalIds: readonly string[]): void {
  const { Resources } = template.toJS() as { Resources: Record<string, unknown> };
  for (const logicalId of Object.keys(Resources).filter((it) => !logicalIds.includes(it))) {
    template.deleteIn(['Resources', logicalId]);
  }
}

/** Replaces the outputs; each is a function in its short form and its argument. */
function setOutputs(template: Document, outputs: Readonly<Record<string, readonly [string, string]>>): void {
  template.set('Outputs', template.createNode({}));
  for (const [name, [tag, argument]] of Object.entries(outputs)) {
    const value = new Scalar(argument);
    value.tag = tag;
    template.setIn(['Outputs', name], template.createNode({}));
    template.setIn(['Outputs', name, 'Value'], value);
  }
}
