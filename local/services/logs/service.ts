import type { Service } from '../../gateway/service';
import {
  createLogGroup,
  createLogStream,
  describeLogGroups,
  describeLogStreams,
  type LogsState,
  putLogEvents,
} from './operations';

/** Amazon CloudWatch Logs: groups, streams and events (CloudWatch Logs API reference). */
export function logsService(state: LogsState): Service {
  return {
    name: 'logs',
    actionPrefix: 'logs',
    operations: {
      CreateLogGroup: (request) => createLogGroup(request, state),
      CreateLogStream: (request) => createLogStream(request, state),
      DescribeLogGroups: (request) => describeLogGroups(request, state),
      DescribeLogStreams: (request) => describeLogStreams(request, state),
      PutLogEvents: (request) => putLogEvents(request, state),
    },
  };
}
