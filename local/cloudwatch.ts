import type { AccountState, ApiRequest, Service } from './account-state';
import { authorize } from './authorize';
import { ApiError } from './errors';
import { optionalString, requiredString } from './parameters';
import type { Output, Parameters } from './wire';

/** One data point as it was put. */
export interface MetricDatum {
  region: string;
  namespace: string;
  metricName: string;
  dimensions: Record<string, string>;
  value: number | undefined;
  unit: string | undefined;
  timestamp: Date | undefined;
}

/** Amazon CloudWatch: `PutMetricData`, whose data are kept (CloudWatch API reference). */
export const cloudwatch: Service = { PutMetricData: putMetricData };

const INVALID = 'InvalidParameterValue';

async function putMetricData(request: ApiRequest, account: AccountState): Promise<Output> {
  const { parameters, region } = request;
  const namespace = requiredString(parameters, 'Namespace', INVALID);
  const data = listOf(parameters.MetricData).map((datum) => readDatum(datum, region, namespace));
  if (data.length === 0) throw new ApiError('MissingParameter', 'The parameter MetricData is required.');
  const context = { 'cloudwatch:namespace': namespace };
  await authorize(request, { action: 'cloudwatch:PutMetricData', context }, account);
  account.metrics.push(...data);
  return undefined;
}

function readDatum(datum: Parameters, region: string, namespace: string): MetricDatum {
  const dimensions = listOf(datum.Dimensions).map((dimension) => [
    requiredString(dimension, 'Name', INVALID),
    requiredString(dimension, 'Value', INVALID),
  ]);
  const value = datum.Value === undefined || datum.Value === null ? undefined : Number(datum.Value);
  if (Number.isNaN(value)) throw new ApiError(INVALID, `${String(datum.Value)} is no number`);
  return {
    region,
    namespace,
    metricName: requiredString(datum, 'MetricName', INVALID),
    dimensions: Object.fromEntries(dimensions) as Record<string, string>,
    value,
    unit: optionalString(datum, 'Unit', INVALID),
    timestamp: readTime(datum.Timestamp),
  };
}

/** A time as each protocol has it: seconds in JSON, tagged seconds in CBOR, ISO 8601 in Query. */
function readTime(sent: unknown): Date | undefined {
  if (sent === undefined || sent === null) return undefined;
  if (sent instanceof Date) return sent;
  const untagged = typeof sent === 'object' && 'value' in sent ? sent.value : sent;
  const time = typeof untagged === 'string' ? new Date(untagged) : new Date(Number(untagged) * 1000);
  if (Number.isNaN(time.getTime())) throw new ApiError(INVALID, 'Timestamp is no time');
  return time;
}

function listOf(value: unknown): Parameters[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value as Parameters[];
  throw new ApiError(INVALID, 'A list was expected');
}
