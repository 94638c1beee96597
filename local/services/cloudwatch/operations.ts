import { ApiError } from '../../gateway/errors';
import { optionalString, requiredString } from '../../gateway/parameters';
import type { ApiRequest, Authorize, Output, Parameters } from '../../gateway/service';
import type { MetricDatum } from './store';

/** What the operations of CloudWatch work with. */
export interface CloudWatchState {
  /** In the order in which they are put. */
  readonly metrics: MetricDatum[];
  readonly authorize: Authorize;
}

const INVALID = 'InvalidParameterValue';

/** `PutMetricData` (CloudWatch API reference). */
export async function putMetricData(
  request: ApiRequest,
  { metrics, authorize }: CloudWatchState,
): Promise<Output> {
  const { parameters, region } = request;
  const namespace = requiredString(parameters, 'Namespace', INVALID);
  const data = listOf(parameters.MetricData).map((datum) => readDatum(datum, region, namespace));
  if (data.length === 0) {
    throw new ApiError('MissingParameter', 'The parameter MetricData is required.');
  }
  const context = { 'cloudwatch:namespace': namespace };
  await authorize(request, { action: 'cloudwatch:PutMetricData', context });
  metrics.push(...data);
  return undefined;
}

function readDatum(datum: Parameters, region: string, namespace: string): MetricDatum {
  const dimensions = listOf(datum.Dimensions).map((dimension) => [
    requiredString(dimension, 'Name', INVALID),
    requiredString(dimension, 'Value', INVALID),
  ]);
  const value = datum.Value === undefined || datum.Value === null ? undefined : Number(datum.Value);
  if (Number.isNaN(value)) {
    throw new ApiError(INVALID, `${String(datum.Value)} is not a number`);
  }
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

/** A time in the form of any protocol: seconds in JSON, tagged seconds in CBOR, ISO 8601 in Query. */
function readTime(sent: unknown): Date | undefined {
  if (sent === undefined || sent === null) {
    return undefined;
  }
  if (sent instanceof Date) {
    return sent;
  }
  const untagged = typeof sent === 'object' && 'value' in sent ? sent.value : sent;
  const time = typeof untagged === 'string' ? new Date(untagged) : new Date(Number(untagged) * 1000);
  if (Number.isNaN(time.getTime())) {
    throw new ApiError(INVALID, 'Timestamp is not a time');
  }
  return time;
}

function listOf(value: unknown): Parameters[] {
  if (value === undefined || value === null) {
    return [];
  }
  if (Array.isArray(value)) {
    return value as Parameters[];
  }
  throw new ApiError(INVALID, 'A list was expected');
}
