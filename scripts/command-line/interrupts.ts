/** What Ctrl-C and SIGTERM do to a command. */
import { constants } from 'node:os';

type Signal = 'SIGINT' | 'SIGTERM';

/**
 * Acts on an interrupt. The command ends with the sentence that it returns; where it returns none, the command goes on,
 * and is interrupted again by a signal at least a second later.
 *
 * @param exitCode The exit code that belongs to the signal, 130 for Ctrl-C: also for a command that goes on first.
 */
export type OnInterrupt = (exitCode: number) => string | undefined;

/**
 * Signals within this time, in milliseconds, are one interrupt: a terminal sends Ctrl-C to npm and to its child, and npm
 * passes it on to that child once more.
 */
const ONE_INTERRUPT = 1_000;

let act: OnInterrupt = () => 'Interrupted.';

/** Replaces what the command does from here on. By default, it ends with `Interrupted.` */
export function onInterrupt(next: OnInterrupt): void {
  act = next;
}

/** Thrown for Ctrl-C at a question, and where it has ended a program that this one waits for. */
export class Interrupted extends Error {}

/** Interrupts the command, which does not go on where this returns. */
export function interrupt(signal: Signal = 'SIGINT'): void {
  const exitCode = 128 + constants.signals[signal];
  const sentence = act(exitCode);
  if (sentence !== undefined) {
    // The terminal has shown ^C on the line.
    console.error(process.stderr.isTTY ? `\n${sentence}` : sentence);
    process.exit(exitCode);
  }
}

/** Listens for signals until the process ends. */
export function listenForInterrupts(): void {
  let isNext = true;
  const next = () => {
    isNext = true;
  };
  const listen = (signal: Signal) => {
    if (isNext) {
      isNext = false;
      // Node takes signals that have waited for it after timers and before immediates: those still belong to this one.
      setTimeout(() => setImmediate(next), ONE_INTERRUPT).unref();
      interrupt(signal);
    }
  };
  process.on('SIGINT', listen).on('SIGTERM', listen);
}
