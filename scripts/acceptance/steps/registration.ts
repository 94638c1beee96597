/** The steps register and deregister. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  DeregisterTypeCommand,
  DescribeTypeRegistrationCommand,
  type DescribeTypeRegistrationCommandOutput,
  RegisterTypeCommand,
  type RegisterTypeCommandInput,
  SetTypeDefaultVersionCommand,
} from '@aws-sdk/client-cloudformation';
import { DeleteObjectCommand, NoSuchBucket, PutObjectCommand } from '@aws-sdk/client-s3';
import { describeType } from '../../command-line/registered-type';
import { expectEqual } from '../expect';
import { type Run, waitFor } from '../run';
import { deploy, find, outputsIn } from '../stacks';

/**
 * Deploys the handler role and the bucket, uploads the package, registers it and makes the version the default.
 * Without a logging configuration: the log group that the handlers would make would be left behind.
 */
export async function register(run: Run): Promise<void> {
  const { aws, names, templates, transcript } = run;
  const stack = { name: names.stacks.registration, template: templates.registration, isNeeded: true };
  const { HandlerRoleArn, Bucket = '' } = await deploy(run, stack);
  await upload(run, Bucket);
  const { ProgressStatus, Description, TypeVersionArn } = await registered(run, {
    SchemaHandlerPackage: `s3://${Bucket}/${PACKAGE_KEY}`,
    ExecutionRoleArn: HandlerRoleArn,
  });
  expectEqual(`the registration (${Description})`, ProgressStatus, 'COMPLETE');
  await aws.cloudformation.send(new SetTypeDefaultVersionCommand({ Arn: TypeVersionArn }));
  const type = await describeType(aws.cloudformation, names.typeName);
  expectEqual('the execution role of the default version', type?.ExecutionRoleArn, HandlerRoleArn);
  expectEqual('whether it can be created, updated, deleted', type?.ProvisioningType, 'FULLY_MUTABLE');
  transcript.say(`   ${names.typeName} is registered; the default version is ${type?.DefaultVersionId}`);
}

/** Registers the type and waits for the end of it. */
async function registered(
  run: Run,
  input: Pick<RegisterTypeCommandInput, 'SchemaHandlerPackage' | 'ExecutionRoleArn'>,
): Promise<DescribeTypeRegistrationCommandOutput> {
  const { aws, names, leftovers } = run;
  let token: string | undefined;
  const ended = (waiting: Run) =>
    waitFor(waiting, 'the registration', async () => {
      const command = new DescribeTypeRegistrationCommand({ RegistrationToken: token });
      const found = await aws.cloudformation.send(command);
      return found.ProgressStatus === 'IN_PROGRESS' ? undefined : found;
    });
  leftovers.add({
    what: `the type ${names.typeName}`,
    commands: [`aws cloudformation deregister-type --type RESOURCE --type-name ${names.typeName}`],
    isNeeded: true,
    remove: async (cleaning) => {
      // Until it has ended, there is no type that could be deregistered.
      if (token !== undefined) {
        await ended(cleaning);
      }
      await deregisterType(cleaning);
    },
  });
  const command = new RegisterTypeCommand({
    ...input,
    Type: 'RESOURCE',
    TypeName: names.typeName,
    // A call that the SDK repeats would make a second version (API reference, RegisterType).
    ClientRequestToken: randomUUID(),
  });
  const { RegistrationToken } = await aws.cloudformation.send(command);
  token = RegistrationToken;
  return ended(run);
}

/** Removes what is still there: the roles, the type, the package, the handler role and the bucket. */
export async function deregister(run: Run): Promise<void> {
  const left = await run.leftovers.removeAll(run);
  const reasons = left.map(({ what, reason }) => `${what}: ${reason}`);
  expectEqual('what cannot be removed', reasons, []);
  expectEqual('the type', await describeType(run.aws.cloudformation, run.names.typeName), undefined);
  for (const name of Object.values(run.names.stacks)) {
    expectEqual(`the stack ${name}`, await find(run, name), undefined);
  }
  run.transcript.say(`   ${run.names.typeName} is deregistered`);
}

const PACKAGE_KEY = 'package.zip';

async function upload(run: Run, bucket: string): Promise<void> {
  run.leftovers.add({
    what: `the package in the bucket ${bucket}`,
    commands: [`aws s3 rm s3://${bucket}/${PACKAGE_KEY}`],
    isNeeded: false,
    remove: removePackage,
  });
  const Body = readFileSync(run.packageFile);
  await run.aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: PACKAGE_KEY, Body }));
}

/** A bucket that is not empty cannot be deleted, nor can its stack. */
async function removePackage(run: Run): Promise<void> {
  const { Bucket } = outputsIn((await find(run, run.names.stacks.registration)) ?? {});
  if (Bucket === undefined) {
    return;
  }
  try {
    await run.aws.s3.send(new DeleteObjectCommand({ Bucket, Key: PACKAGE_KEY }));
  } catch (error) {
    if (!(error instanceof NoSuchBucket)) {
      throw error;
    }
  }
}

/** With one version, the type and its default version go together (API reference, DeregisterType). */
async function deregisterType(run: Run): Promise<void> {
  if (!(await describeType(run.aws.cloudformation, run.names.typeName))) {
    return;
  }
  const command = new DeregisterTypeCommand({ Type: 'RESOURCE', TypeName: run.names.typeName });
  await run.aws.cloudformation.send(command);
}
