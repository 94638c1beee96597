/** How far the doctor is, on a terminal. */

/** A line that is written again and again; nothing where stderr is no terminal. */
export class Progress {
  #clusters = 0;
  #instances = 0;
  #calls = 0;
  #shownAt: number | undefined;
  readonly #stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** Counts a cluster. */
  cluster(instances: number): void {
    this.#clusters += 1;
    this.#instances += instances;
  }

  /** Counts a call, and shows the line, ten times a second at most. */
  call(): void {
    this.#calls += 1;
    const now = performance.now();
    if (this.#stream.isTTY && (this.#shownAt === undefined || now - this.#shownAt >= 100)) {
      this.#shownAt = now;
      const text = `${this.#clusters} clusters, ${this.#instances} instances, ${this.#calls} calls`;
      this.#stream.write(`\r\u001b[2K${text}`);
    }
  }

  /** Removes the line. */
  end(): void {
    if (this.#shownAt !== undefined) {
      this.#stream.write('\r\u001b[2K');
    }
  }
}
