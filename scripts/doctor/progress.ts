/** How far the doctor is, on a terminal. */

/** A line on stderr that is written again and again; nothing where that is no terminal. */
export class Progress {
  #clusters = 0;
  #instances = 0;
  #calls = 0;
  #shownAt: number | undefined;

  /** Counts a cluster. */
  cluster(instances: number): void {
    this.#clusters += 1;
    this.#instances += instances;
  }

  /** Counts a call, and shows the line, ten times a second at most. */
  call(): void {
    this.#calls += 1;
    const now = performance.now();
    if (process.stderr.isTTY && (this.#shownAt === undefined || now - this.#shownAt >= 100)) {
      this.#shownAt = now;
      const text = `${this.#clusters} clusters, ${this.#instances} instances, ${this.#calls} calls`;
      process.stderr.write(`\r\u001b[2K${text}`);
    }
  }

  /** Removes the line. */
  end(): void {
    if (this.#shownAt !== undefined) {
      process.stderr.write('\r\u001b[2K');
    }
  }
}
