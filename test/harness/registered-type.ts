/** The built handlers, registered under a namespace of its own, without the CloudFormation CLI. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import type { LocalAccount } from 'local-account';
import { zip } from 'local-account/testing';
import { filesBelow, renamed } from '../../scripts/packaging/stage';
import { nameUnder, schemaFile } from '../../scripts/packaging/type-name';
import { ROOT, textOf } from './project-files';
import { TYPE_NAME } from './sample-account';

/** Makes stacks in a Region. */
export class Deployments {
  readonly #client: CloudFormationClient;
  readonly #typeName: string;

  constructor(account: LocalAccount, region: string, namespace = 'Acme') {
    const credentials = account.administrator();
    this.#client = new CloudFormationClient({ region, endpoint: account.endpoint, credentials });
    this.#typeName = nameUnder(namespace).typeName;
  }

  /** Deploys a template in examples/. @throws Error if the stack is not created. */
  deploy(stackName: string, file: string, parameters: Record<string, string> = {}): Promise<Stack> {
    return this.#create(stackName, textOf(`examples/${file}`), parameters);
  }

  /** As {@link deploy}, with a hundred other resources before those of the template. */
  deployLarge(stackName: string, file: string, parameters: Record<string, string> = {}): Promise<Stack> {
    const template = textOf(`examples/${file}`);
    const others = Array.from(
      { length: 100 },
      (_, index) => `  Other${index}: { Type: AWS::CloudFormation::WaitConditionHandle }\n`,
    );
    const large = template.replace(/^Resources:\n/m, `Resources:\n${others.join('')}`);
    return this.#create(stackName, large, parameters);
  }

  async #create(StackName: string, template: string, parameters: Record<string, string>): Promise<Stack> {
    await this.#client.send(
      new CreateStackCommand({
        StackName,
        TemplateBody: renamed(template, this.#typeName),
        Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
          ParameterKey,
          ParameterValue,
        })),
        Capabilities: ['CAPABILITY_IAM'],
      }),
    );
    for (;;) {
      const { Stacks: [stack] = [] } = await this.#client.send(new DescribeStacksCommand({ StackName }));
      if (stack?.StackStatus === 'CREATE_COMPLETE') {
        return stack;
      }
      if (stack?.StackStatus !== 'CREATE_IN_PROGRESS') {
        throw new Error(`The stack ${StackName} is in ${stack?.StackStatus}`);
      }
    }
  }
}

/** Deploys examples/roles.yml and registers the type with its handler role. @returns the output InstanceRoleArn. */
export async function registerType(
  account: LocalAccount,
  region: string,
  namespace = 'Acme',
): Promise<string> {
  const { rolesStack, typeName } = nameUnder(namespace);
  const { Outputs = [] } = await new Deployments(account, region, namespace).deploy(rolesStack, 'roles.yml');
  const output = (key: string) => Outputs.find(({ OutputKey }) => OutputKey === key)?.OutputValue ?? '';
  const given = {
    TypeName: typeName,
    SchemaHandlerPackage: 's3://packages/type.zip',
    ExecutionRoleArn: output('HandlerRoleArn'),
  };
  await account.cloudFormation(region).registry.register(given, packageOf(typeName)).ended;
  return output('InstanceRoleArn');
}

/** What `cfn submit` uploads, as far as the registry reads it. */
function packageOf(typeName: string): Buffer {
  const built = join(ROOT, 'build/TypeFunction');
  const files = filesBelow(built).map((path) => [path.slice(built.length + 1), readFileSync(path)]);
  return zip({
    'schema.json': renamed(textOf(schemaFile(TYPE_NAME)), typeName),
    '.rpdk-config': textOf('.rpdk-config'),
    'ResourceProvider.zip': zip(Object.fromEntries(files)),
  });
}
