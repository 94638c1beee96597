/** What Ctrl-C and SIGTERM do to a command. */
import { constants } from 'node:os';

type Signal = 'SIGINT' | 'SIGTERM';

/**
 * Acts on an interrupt. The command ends with the sentence that it returns; where it returns none, the command goes on,
 * and is interrupted again by a signal at least a second later.
 */
export type OnInterrupt = () => string | undefined;

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
  const sentence = act();
  if (sentence !== undefined) {
    // The terminal has shown ^C on the line.
    console.error(process.stderr.isTTY ? `\n${sentence}` : sentence);
    process.exit(128 + constants.signals[signal]);
  }
}

/** Listens for signals until the process ends. */
export function listenForInterrupts(): void {
  let last = Number.NEGATIVE_INFINITY;
  const listen = (signal: Signal) => {
    const now = performance.now();
    if (now - last >= ONE_INTERRUPT) {
      last = now;
      interrupt(signal);
    }
  };
  process.on('SIGINT', listen).on('SIGTERM', listen);
}
