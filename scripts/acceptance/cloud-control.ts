/** The resource as the Cloud Control API sees it, by the ARN of its role. */
import {
  DeleteResourceCommand,
  GetResourceCommand,
  GetResourceRequestStatusCommand,
  type ProgressEvent,
  paginateListResources,
  ResourceNotFoundException,
  UpdateResourceCommand,
} from '@aws-sdk/client-cloudcontrol';
import { expectEqual } from './expect';
import { type Run, waitFor } from './run';

/** @returns the resource's properties, or nothing where there is no such resource. */
export async function read(run: Run, roleArn: string): Promise<unknown> {
  const command = new GetResourceCommand({ TypeName: run.names.typeName, Identifier: roleArn });
  try {
    const { ResourceDescription } = await run.aws.cloudcontrol.send(command);
    return JSON.parse(ResourceDescription?.Properties ?? '');
  } catch (error) {
    if (error instanceof ResourceNotFoundException) {
      return undefined;
    }
    throw error;
  }
}

/** The identifiers of all resources of the type, of all pages. */
export async function list(run: Run): Promise<string[]> {
  const found: string[] = [];
  const input = { TypeName: run.names.typeName };
  for await (const page of paginateListResources({ client: run.aws.cloudcontrol }, input)) {
    found.push(...(page.ResourceDescriptions ?? []).map(({ Identifier = '' }) => Identifier));
  }
  return found;
}

/** Changes `Trunking` behind the stack's back. @throws StepFailed where the request does not succeed. */
export async function change(run: Run, roleArn: string, trunking: 'enabled' | 'disabled'): Promise<void> {
  const patch = [{ op: 'replace', path: '/Trunking', value: trunking }];
  const { ProgressEvent } = await run.aws.cloudcontrol.send(
    new UpdateResourceCommand({
      TypeName: run.names.typeName,
      Identifier: roleArn,
      PatchDocument: JSON.stringify(patch),
    }),
  );
  const { OperationStatus, StatusMessage = '' } = await ended(run, ProgressEvent);
  expectEqual(`the update by Cloud Control ${StatusMessage}`.trim(), OperationStatus, 'SUCCESS');
}

/** Removes the resource. What is gone already is fine. @throws StepFailed where the request does not succeed. */
export async function remove(run: Run, roleArn: string): Promise<void> {
  const command = new DeleteResourceCommand({ TypeName: run.names.typeName, Identifier: roleArn });
  try {
    const { ProgressEvent } = await run.aws.cloudcontrol.send(command);
    const { OperationStatus, ErrorCode, StatusMessage = '' } = await ended(run, ProgressEvent);
    if (ErrorCode !== 'NotFound') {
      expectEqual(`the delete by Cloud Control ${StatusMessage}`.trim(), OperationStatus, 'SUCCESS');
    }
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) {
      throw error;
    }
  }
}

async function ended(run: Run, begun: ProgressEvent | undefined): Promise<ProgressEvent> {
  const { RequestToken = '' } = begun ?? {};
  return waitFor(run, 'the request to Cloud Control', async () => {
    const command = new GetResourceRequestStatusCommand({ RequestToken });
    const { ProgressEvent } = await run.aws.cloudcontrol.send(command);
    return /^(SUCCESS|FAILED|CANCEL_COMPLETE)$/.test(ProgressEvent?.OperationStatus ?? '')
      ? ProgressEvent
      : undefined;
  });
}
