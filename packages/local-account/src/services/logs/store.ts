/** One event of a log stream. */
export interface LogEvent {
  timestamp: number;
  message: string;
}

interface StoredEvent extends LogEvent {
  readonly ingestionTime: number;
}

/** A log group of one Region with its streams, by name. */
interface LogGroup {
  readonly arn: string;
  readonly creationTime: number;
  readonly streams: Map<string, LogStream>;
}

/** A log stream with its events in the order in which they were delivered. */
interface LogStream {
  readonly arn: string;
  readonly creationTime: number;
  readonly events: StoredEvent[];
}

/** The log groups of all Regions. */
export class Logs {
  #regions = new Map<string, Map<string, LogGroup>>();

  /** The log groups of a Region, by name. */
  groups(region: string): Map<string, LogGroup> {
    return this.#regions.get(region) ?? new Map();
  }

  add(region: string, name: string, group: LogGroup): void {
    this.#regions.set(region, this.groups(region).set(name, group));
  }

  /** The events of all groups, or of the groups of one name. */
  events(logGroupName?: string): LogEvent[] {
    return [...this.#regions.values()]
      .flatMap((groups) => [...groups])
      .filter(([name]) => logGroupName === undefined || name === logGroupName)
      .flatMap(([, { streams }]) => [...streams.values()])
      .flatMap(({ events }) => events);
  }
}
