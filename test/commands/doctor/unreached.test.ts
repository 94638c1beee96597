import { ECSClient, ListClustersCommand } from '@aws-sdk/client-ecs';
import { HttpResponse } from '@smithy/core/protocols';
import { Calls } from '../../../scripts/doctor/calls';
import { endingUnreached } from '../../../scripts/doctor/unreached';

/* How often the doctor tries a call that does not reach AWS, in-process, with a handler that counts attempts. */

const ANSWER = new HttpResponse({ statusCode: 400, body: new Uint8Array() });

/** A client of two attempts, which come out as given, and the calls that it makes. */
function listing(...outcomes: (string | HttpResponse)[]) {
  const attempts: (string | HttpResponse)[] = [];
  const handle = async () => {
    const outcome = outcomes[attempts.length] ?? 'no more outcomes';
    attempts.push(outcome);
    if (typeof outcome === 'string') {
      throw Object.assign(new Error(outcome), { code: outcome });
    }
    return { response: outcome };
  };
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  const options = { region: 'us-east-1', credentials, maxAttempts: 2, requestHandler: { handle } };
  const client = endingUnreached(new ECSClient(options));
  const calls = new Calls();
  const list = () => calls.make('ecs:ListClusters', () => client.send(new ListClustersCommand()));
  return { attempts, calls, list };
}

describe.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])('%s', (code) => {
  test('ends each call at its first attempt for as long as nothing has answered', async () => {
    const { attempts, calls, list } = listing(code, code);
    await list();
    await list();
    expect(attempts).toEqual([code, code]);
    expect([...calls.unread.values()]).toEqual([
      { action: 'ecs:ListClusters', reason: 'unreachable', message: code, count: 2 },
    ]);
  });

  test.each([
    ['an answer', ANSWER, 1],
    ['a connection that was lost', 'ECONNRESET', 2],
  ])('is tried again after %s', async (_, first, attemptsOfFirst) => {
    const { attempts, list } = listing(first, ...(attemptsOfFirst === 2 ? [first] : []), code, code);
    await list();
    await list();
    expect(attempts.slice(attemptsOfFirst)).toEqual([code, code]);
  });
});
