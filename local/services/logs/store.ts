/** One event of a log stream. */
export interface LogEvent {
  timestamp: number;
  message: string;
}

/** A log group of one Region with its streams. */
export interface LogGroup {
  readonly logGroupName: string;
  readonly arn: string;
  readonly creationTime: number;
  readonly streams: Map<string, LogStream>;
}

/** A log stream with its events in the order in which they were delivered. */
interface LogStream {
  readonly logStreamName: string;
  readonly arn: string;
  readonly creationTime: number;
  readonly events: LogEvent[];
}

/** The log groups of all Regions. */
export class Logs {
  #regions = new Map<string, Map<string, LogGroup>>();

  /** The log groups of a Region, by name. */
  groups(region: string): Map<string, LogGroup> {
    let groups = this.#regions.get(region);
    if (!groups) {
      groups = new Map();
      this.#regions.set(region, groups);
    }
    return groups;
  }

  /** The events of all groups, or of the groups of one name. */
  events(logGroupName?: string): LogEvent[] {
    return [...this.#regions.values()]
      .flatMap((groups) => [...groups.values()])
      .filter((group) => logGroupName === undefined || group.logGroupName === logGroupName)
      .flatMap((group) => [...group.streams.values()])
      .flatMap((stream) => stream.events);
  }
}
