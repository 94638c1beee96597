import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { LocalAccount } from 'local-account';
import { clientEnvironment } from '../../scripts/command-line/client-environment';
import { type Outcome, ProjectCopy } from '../harness/project-copy';
import { inTerminal } from '../harness/terminal';

/*
 * How commands find the Region, the credentials and the way to AWS, as processes: through a real proxy, to a real TLS
 * server with a CA of its own, which passes everything on to a local account.
 */

/** A name that only the proxy resolves. */
const AWS = 'aws.test';

const project = new ProjectCopy();
let account: LocalAccount;
let folder: string;
let tls: https.Server;
let proxy: http.Server;
/** What the proxy was asked to connect to. */
const connected: string[] = [];

beforeAll(async () => {
  account = await LocalAccount.start();
  folder = mkdtempSync(join(tmpdir(), 'aws-environment-'));
  account.roles.create({
    name: 'instances',
    assumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
  });
  tls = await listening(https.createServer(certificates(), passOn));
  proxy = await listening(http.createServer().on('connect', tunnel));
});

afterAll(async () => {
  for (const server of [tls, proxy]) {
    server?.closeAllConnections();
    server?.close();
  }
  project.close();
  await account?.close();
  if (folder) {
    rmSync(folder, { recursive: true });
  }
});

async function listening<S extends http.Server | https.Server>(server: S): Promise<S> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const portOf = (server: http.Server | https.Server) => (server.address() as AddressInfo).port;

/** Makes a CA and a certificate for the names of the server. The CA's file is `ca.pem`. */
function certificates(): { key: Buffer; cert: Buffer } {
  writeFileSync(join(folder, 'names'), `subjectAltName=DNS:${AWS},DNS:localhost`);
  for (const command of [
    'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=TestCA -keyout ca.key -out ca.pem',
    `req -newkey rsa:2048 -nodes -subj /CN=${AWS} -keyout aws.key -out aws.csr`,
    'x509 -req -in aws.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out aws.pem',
  ]) {
    execFileSync('openssl', command.split(' '), { cwd: folder, stdio: 'pipe' });
  }
  return { key: readFileSync(join(folder, 'aws.key')), cert: readFileSync(join(folder, 'aws.pem')) };
}

/** Passes a request on to the local account, and its answer back. */
function passOn(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, headers, url } = incoming;
  const passed = http.request(`${account.endpoint}${url}`, { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  incoming.pipe(passed);
}

/** Connects every name to the TLS server. */
function tunnel({ url = '' }: IncomingMessage, client: Duplex): void {
  connected.push(url);
  const server = connect(portOf(tls), '127.0.0.1', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    client.pipe(server).pipe(client);
  });
  for (const socket of [client, server]) {
    socket.on('error', () => undefined);
  }
}

/** The environment of a user behind the proxy, whose network inspects TLS. */
const behindProxy = (): NodeJS.ProcessEnv => ({
  ...clientEnvironment(account, `https://${AWS}`),
  AWS_REGION: 'eu-central-1',
  HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}`,
  NO_PROXY: undefined,
  AWS_CA_BUNDLE: join(folder, 'ca.pem'),
});

function dryRun(env: NodeJS.ProcessEnv = {}, options: string[] = []): Promise<Outcome> {
  connected.length = 0;
  const args = ['--role', 'instances', '--dry-run', ...options];
  return project.run('opt-in', args, { ...behindProxy(), ...env });
}

describe('behind a proxy that inspects TLS', () => {
  test('a command reaches AWS through HTTPS_PROXY, and trusts the certificates of AWS_CA_BUNDLE', async () => {
    expect(await dryRun()).toMatchObject({ code: 0, stderr: '' });
    expect(connected).toEqual([`${AWS}:443`]);
  });

  test('acceptance --real does so too, before it asks', async () => {
    connected.length = 0;
    const { stdout, stderr } = await project.run('acceptance', ['--real'], behindProxy());
    expect(stderr).toMatch(/^There is no terminal to confirm in\./);
    expect(stdout).toContain('Account 111122223333, Region eu-central-1');
    expect(new Set(connected)).toEqual(new Set([`${AWS}:443`]));
  });

  test('an address in NO_PROXY is reached directly', async () => {
    const env = { AWS_ENDPOINT_URL: `https://localhost:${portOf(tls)}`, NO_PROXY: 'localhost' };
    expect(await dryRun(env)).toMatchObject({ code: 0, stderr: '' });
    expect(connected).toEqual([]);
  });

  test.each<[string, () => NodeJS.ProcessEnv, RegExp]>([
    [
      'a certificate that is not trusted',
      () => ({ AWS_CA_BUNDLE: undefined }),
      /^The certificate of AWS's address is not trusted: .* set AWS_CA_BUNDLE to the file with its CA certificates\.$/,
    ],
    [
      'a file of certificates that does not exist',
      () => ({ AWS_CA_BUNDLE: join(folder, 'none.pem') }),
      /^The certificates of AWS_CA_BUNDLE cannot be read: ENOENT.*none\.pem/,
    ],
    [
      'a proxy that cannot be reached, without its password',
      () => ({ HTTPS_PROXY: 'http://user:secret@127.0.0.1:9' }),
      /^AWS cannot be reached \(HTTPS_PROXY set, NO_PROXY not set\): (?!.*secret).*$/,
    ],
  ])('%s is named, in one line', async (_, env, message) => {
    const { code, stderr } = await dryRun(env());
    expect(code).toBe(1);
    expect(stderr.trim()).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('the Region', () => {
  const profile = (text: string) => {
    writeFileSync(join(folder, 'config'), text);
    return { AWS_CONFIG_FILE: join(folder, 'config') };
  };
  const NONE = { AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined };

  test.each<[string, NodeJS.ProcessEnv, string[], string]>([
    ['the option', { AWS_REGION: 'eu-west-1' }, ['--region', 'us-west-2'], 'us-west-2 (--region)'],
    ['AWS_REGION', { AWS_REGION: 'eu-west-1' }, [], 'eu-west-1 (AWS_REGION)'],
    ['AWS_DEFAULT_REGION', { AWS_REGION: undefined }, [], 'eu-west-2 (AWS_DEFAULT_REGION)'],
    ['the profile', NONE, [], 'eu-west-3 (the profile)'],
  ])('comes from %s, and is printed with where it comes from', async (_, env, options, line) => {
    const file = profile('[default]\nregion = eu-west-3\n');
    const { code, stdout } = await dryRun({ ...file, AWS_DEFAULT_REGION: 'eu-west-2', ...env }, options);
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toBe(`Region ${line}`);
  });

  test('submit passes it to cfn, which would look for it elsewhere', async () => {
    const args = ['--namespace', 'Acme', '--no-role', '--profile', 'other'];
    const file = profile('[profile other]\nregion = eu-west-3\n');
    const env = { ...clientEnvironment(account), ...file, AWS_REGION: 'eu-west-1' };
    const { stdout, stderr } = await project.run('submit', args, { ...env, AWS_ACCESS_KEY_ID: undefined });
    expect(stdout).toBe('Region eu-west-1 (AWS_REGION)\n');
    expect(stderr).toMatch(/^There are no AWS credentials\./);
  });

  test('a profile that does not exist is called that, with the profiles that do', async () => {
    const file = profile('[default]\nregion = eu-west-3\n[profile dev]\nregion = eu-west-1\n');
    const { code, stderr } = await dryRun(file, ['--profile', 'prod']);
    expect(code).toBe(1);
    expect(stderr).toBe(
      'There is no profile "prod" (--profile) in the AWS CLI\'s configuration. It has default, dev; see aws configure ' +
        'list-profiles.\n',
    );
  });
});

describe('a profile that needs MFA', () => {
  /** A profile with a role behind an MFA device, whose calls go directly to the account. */
  function withMfa(): NodeJS.ProcessEnv {
    const { accessKeyId, secretAccessKey } = account.administrator();
    writeFileSync(
      join(folder, 'config'),
      `[profile base]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n` +
        '[profile mfa]\nregion = eu-west-1\nsource_profile = base\nrole_arn = arn:aws:iam::111122223333:role/instances\n' +
        'mfa_serial = arn:aws:iam::111122223333:mfa/me\n',
    );
    const environment = { ...clientEnvironment(account), AWS_CONFIG_FILE: join(folder, 'config') };
    return { ...environment, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
  }

  const ARGS = ['--role', 'instances', '--dry-run', '--profile', 'mfa'];

  /** What the terminal shows, and the exit code, where the question is answered in this way. */
  function answering(answer: string): Promise<{ code: number | null; shown: string }> {
    account.calls.length = 0;
    const command = [process.execPath, '-r', 'tsx/cjs', 'scripts/opt-in.ts', ...ARGS];
    const env = { ...withMfa(), QUESTION: 'mfa/me: ' };
    return inTerminal(answer, command, { cwd: project.directory, env }).outcome;
  }

  test('asks for the code in a terminal, and sends it', async () => {
    await answering('123456');
    const [assumed] = account.calls.filter(({ operation }) => operation === 'AssumeRole');
    expect(assumed?.parameters).toMatchObject({
      SerialNumber: 'arn:aws:iam::111122223333:mfa/me',
      TokenCode: '123456',
    });
  });

  const NO_CODE = /\nNo MFA code was given, so there are no AWS credentials\. Run this again\.\n$/;

  test.each<[string, string, RegExp]>([
    ['the code is empty', '', NO_CODE],
    ['the answer is Ctrl-D', '^D', NO_CODE],
    ['AWS refuses the code', '000000', /000000\s+AWS refused the call \(.*\)\.\n$/],
  ])('asks once, and ends with a sentence, if %s', async (_, answer, end) => {
    const { code, shown } = await answering(answer);
    expect(shown.match(/Code of the MFA device/g)).toHaveLength(1);
    expect(shown).toMatch(end);
    expect(code).toBe(1);
  });

  test('without a terminal, the message has the command that makes the credentials', async () => {
    const { code, stderr } = await project.run('opt-in', ARGS, withMfa());
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The profile needs an MFA code\./);
    expect(stderr).toContain('eval "$(aws configure export-credentials --profile mfa --format env)"');
  });
});
