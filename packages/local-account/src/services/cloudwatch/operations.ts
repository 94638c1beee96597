import { ApiError } from '../../gateway/errors';
import { list, optionalNumber, optionalString, requiredString } from '../../gateway/parameters';
import type { AccountWith, ApiRequest, Parameters, Service } from '../../gateway/service';
import model from './model.json';
import type { MetricDatum } from './store';

type Account = AccountWith<'metrics'>;

/** Amazon CloudWatch: metric data (CloudWatch API reference). */
export const cloudWatch: Service<'metrics'> = {
  name: 'monitoring',
  actionPrefix: 'cloudwatch',
  model,
  operations: { PutMetricData: putMetricData },
};

async function putMetricData(request: ApiRequest, { metrics, authorize }: Account): Promise<undefined> {
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
  return {
    region,
    namespace,
    metricName: requiredString(datum, 'MetricName'),
    dimensions: Object.fromEntries(dimensions) as Record<string, string>,
    value: optionalNumber(datum, 'Value'),
    unit: optionalString(datum, 'Unit'),
    timestamp: datum.Timestamp as Date | undefined,
  };
}
