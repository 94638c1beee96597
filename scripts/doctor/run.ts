/** The command: clients for each Region, the report, and where it goes. */
import { CloudControlClient } from '@aws-sdk/client-cloudcontrol';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { IAMClient } from '@aws-sdk/client-iam';
import { clientConfiguration, findCredentials, findRegion } from '../command-line/aws-environment';
import { nameUnder } from '../packaging/type-name';
import { Calls } from './calls';
import { examine, exitCodeOf, summarize } from './examine';
import type { ClusterFacts } from './facts';
import { type DoctorOptions, selectionOf } from './options';
import { Progress } from './progress';
import { render } from './render';
import type { Report } from './report';
import { endingUnreached } from './unreached';

/**
 * Attempts for each call. The SDK's default of three gives up on throttling within two seconds; the environment
 * variable that every SDK knows decides otherwise.
 */
const ATTEMPTS = 6;

/**
 * Examines each Region and prints the report.
 *
 * @param values Options that are left out have their defaults.
 * @returns the exit code.
 * @throws CommandError where nothing could be examined.
 */
export async function runDoctor(values: Partial<DoctorOptions>): Promise<number> {
  const progress = new Progress();
  const report = await examineAll(values, progress).finally(() => progress.end());
  const isColoured = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  console.log(
    values.json
      ? JSON.stringify(report, undefined, 2)
      : render(report, { isColoured, isDetailed: values.cluster !== undefined }),
  );
  return exitCodeOf(report);
}

/** One set of credentials for all Regions: a profile can ask for an MFA code. */
async function examineAll(values: Partial<DoctorOptions>, progress: Progress): Promise<Report> {
  const { namespace, profile } = values;
  const regions = values.region?.split(',') ?? [(await findRegion({ profile })).name];
  const maxAttempts = process.env.AWS_MAX_ATTEMPTS === undefined ? { maxAttempts: ATTEMPTS } : {};
  const options = { ...(await clientConfiguration({ region: regions[0], profile })), ...maxAttempts };
  await findCredentials(options);
  const typeName = namespace === undefined ? undefined : nameUnder(namespace).typeName;
  const onCluster = ({ instances }: ClusterFacts) => progress.cluster(instances.length);
  // IAM is the same in all Regions.
  const iam = remembering(endingUnreached(new IAMClient(options)));
  const examineRegion = (region: string) => {
    const here = { ...options, region };
    return examine({
      region,
      profile,
      ecs: endingUnreached(new ECSClient(here)),
      ec2: endingUnreached(new EC2Client(here)),
      iam,
      cloudformation: endingUnreached(new CloudFormationClient(here)),
      cloudcontrol: endingUnreached(new CloudControlClient(here)),
      calls: new Calls(() => progress.call()),
      selection: selectionOf(values),
      typeName,
      onCluster,
    });
  };
  return summarize(await Promise.all(regions.map(examineRegion)));
}

/**
 * Has a client remember its answers, refusals included: Regions have roles in common, and roles have policies in
 * common, so the same questions come up again.
 */
function remembering(client: IAMClient): IAMClient {
  const answers = new Map<string, Promise<unknown>>();
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        const question = `${commandName} ${JSON.stringify(args.input)}`;
        const answer = (answers.get(question) as ReturnType<typeof next> | undefined) ?? next(args);
        answers.set(question, answer);
        return answer;
      },
    { step: 'initialize' },
  );
  return client;
}
