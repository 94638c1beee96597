export interface LogEvent {
  timestamp: number;
  message: string;
}

interface StoredEvent extends LogEvent {
  readonly ingestionTime: number;
}

export interface LogGroup {
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

export class Logs {
  #regions = new Map<string, Map<string, LogGroup>>();

  /** The log groups of a Region, by name. */
  groups(region: string): Map<string, LogGroup> {
    const groups = this.#regions.get(region) ?? new Map<string, LogGroup>();
    this.#regions.set(region, groups);
    return groups;
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
