import type { Service } from '../../gateway/service';
import { type CloudWatchState, putMetricData } from './operations';

/** Amazon CloudWatch: metric data (CloudWatch API reference). */
export function cloudWatchService(state: CloudWatchState): Service {
  return {
    name: 'monitoring',
    actionPrefix: 'cloudwatch',
    operations: { PutMetricData: (request) => putMetricData(request, state) },
  };
}
