import { ApiError, invalid } from '../../gateway/errors';
import { list, optionalString, requiredString } from '../../gateway/parameters';
import type { AccountWith, ApiRequest, Parameters, Service } from '../../gateway/service';
import type { MetricDatum } from './store';

type CloudWatchAccount = AccountWith<'metrics'>;

/** Amazon CloudWatch: metric data (CloudWatch API reference). */
export const cloudWatch: Service<'metrics'> = {
  name: 'monitoring',
  actionPrefix: 'cloudwatch',
  validationError: 'InvalidParameterValue',
  operations: { PutMetricData: putMetricData },
};

async function putMetricData(
  request: ApiRequest,
  { metrics, authorize }: CloudWatchAccount,
): Promise<undefined> {
  const { parameters, region } = request;
  const namespace = requiredString(parameters, 'Namespace');
  const data = list(parameters, 'MetricData').map((datum) => readDatum(datum, region, namespace));
  if (data.length === 0) {
    throw new ApiError('MissingParameter', 'The parameter MetricData is required.');
  }
  const context = { 'cloudwatch:namespace': namespace };
  await authorize(request, { action: 'cloudwatch:PutMetricData', context });
  metrics.push(...data);
}

function readDatum(datum: Parameters, region: string, namespace: string): MetricDatum {
  const dimensions = list(datum, 'Dimensions').map((dimension) => [
    requiredString(dimension, 'Name'),
    requiredString(dimension, 'Value'),
  ]);
  const value = datum.Value === undefined ? undefined : Number(datum.Value);
  if (Number.isNaN(value)) {
    throw invalid(`${String(datum.Value)} is not a number`);
  }
  return {
    region,
    namespace,
    metricName: requiredString(datum, 'MetricName'),
    dimensions: Object.fromEntries(dimensions) as Record<string, string>,
    value,
    unit: optionalString(datum, 'Unit'),
    timestamp: readTime(datum.Timestamp),
  };
}

/** A time in the form of either protocol: seconds in JSON, ISO 8601 in Query. */
function readTime(sent: unknown): Date | undefined {
  if (sent === undefined) {
    return undefined;
  }
  const time = new Date(typeof sent === 'string' ? sent : Number(sent) * 1000);
  if (Number.isNaN(time.getTime())) {
    throw invalid('Timestamp is not a time');
  }
  return time;
}
