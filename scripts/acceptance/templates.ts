/** The templates of a run, made from the examples that a user deploys. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, type Node, parseDocument } from 'yaml';

/** The text of each template. */
export type Templates = ReturnType<typeof templatesIn>;

/**
 * Reads the examples of a staged copy, which have the type's name under the namespace in them.
 *
 * @param directory The staged copy.
 */
export function templatesIn(directory: string) {
  const example = (name: string) => readFileSync(join(directory, 'examples', name), 'utf8');
  return {
    /** The handler role of roles.yml, and a bucket for the package. */
    registration: registrationTemplate(example('roles.yml')),
    /** The instance role of roles.yml, a copy of it, and a copy without the tag. */
    roles: rolesTemplate(example('roles.yml')),
    trunking: example('trunking.yml'),
    /** trunking.yml, whose resource outlives its stack. */
    retained: retainedTemplate(example('trunking.yml')),
    imported: example('import.yml'),
  };
}

function registrationTemplate(roles: string): string {
  const template = withOnly('HandlerRole', roles);
  template.setIn(['Resources', 'PackageBucket'], { Type: 'AWS::S3::Bucket' });
  const bucket = { Value: { Ref: 'PackageBucket' } };
  template.set('Outputs', { HandlerRoleArn: arnOf('HandlerRole'), Bucket: bucket });
  return template.toString();
}

function rolesTemplate(roles: string): string {
  const template = withOnly('InstanceRole', roles);
  const role = template.getIn(['Resources', 'InstanceRole'], true) as Node;
  template.setIn(['Resources', 'SecondRole'], role.clone());
  template.setIn(['Resources', 'NotOptedInRole'], role.clone());
  template.deleteIn(['Resources', 'NotOptedInRole', 'Properties', 'Tags']);
  template.set('Outputs', {
    InstanceRoleArn: arnOf('InstanceRole'),
    SecondRoleArn: arnOf('SecondRole'),
    NotOptedInRoleArn: arnOf('NotOptedInRole'),
  });
  return template.toString();
}

const arnOf = (role: string) => ({ Value: { 'Fn::GetAtt': [role, 'Arn'] } });

/**
 * CloudFormation can take a template in which only the deletion policy differs for one without changes
 * (cloudformation-coverage-roadmap issue 1543); so the metadata differ too.
 */
function retainedTemplate(trunking: string): string {
  const template = parseDocument(trunking);
  template.setIn(['Resources', 'RoleTrunking', 'DeletionPolicy'], 'Retain');
  template.setIn(['Resources', 'RoleTrunking', 'Metadata'], { Purpose: 'Changes the template' });
  return template.toString();
}

/** A template without every other resource. */
function withOnly(kept: string, text: string): Document {
  const template = parseDocument(text);
  const { Resources } = template.toJS() as { Resources: object };
  for (const logicalId of Object.keys(Resources).filter((it) => it !== kept)) {
    template.deleteIn(['Resources', logicalId]);
  }
  return template;
}
