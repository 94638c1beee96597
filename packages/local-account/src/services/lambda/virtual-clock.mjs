// A function's process on a virtual clock (clock.ts): its timers and `performance.now()` show the time that the
// parent sets, and it reports when it can do nothing more without an answer or a timer.
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';

// How many turns of the event loop must pass without work. One is enough for what is counted here; the others are
// for work that is not counted, such as the loading of a module.
const QUIET_TURNS = 3;

const timers = new Set();
const inFlight = new Map();
const requestCounts = new WeakMap();
let now = 0;
let epoch = 0;
let busy = false;
let turns = 0;
let scheduled = false;
let report = () => {};

class Timer {
  constructor(act, milliseconds) {
    this.act = act;
    this.milliseconds = Math.max(1, Number(milliseconds) || 1);
    this.refresh();
  }
  refresh() {
    this.due = now + this.milliseconds;
    timers.add(this);
    touch();
    return this;
  }
  close() {
    timers.delete(this);
    return this;
  }
  ref = () => this;
  unref = () => this;
  hasRef = () => true;
}

/** Something happened: look again after everything that follows from it has run. */
function touch() {
  turns = 0;
  if (!scheduled) {
    scheduled = true;
    setImmediate(look);
  }
}

function look() {
  // Files are read by other threads; every other source of events is one of those that are counted here.
  const reads = process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
  turns = reads ? 0 : turns + 1;
  if (turns < QUIET_TURNS) {
    setImmediate(look);
    return;
  }
  scheduled = false;
  if (busy) {
    const dues = [...timers].map(({ due }) => due);
    const next = dues.length > 0 ? Math.min(...dues) : undefined;
    report({ epoch, next, inFlight: [...inFlight.values()] });
  }
}

function follow(request) {
  // Until it has a connection, the parent cannot hold it.
  inFlight.set(request, 'connecting');
  request.once('socket', (socket) => {
    const count = (requestCounts.get(socket) ?? 0) + 1;
    requestCounts.set(socket, count);
    const name = () => {
      if (inFlight.has(request)) {
        inFlight.set(request, `${socket.localPort}#${count}`);
        touch();
      }
    };
    if (socket.connecting) {
      socket.once('connect', name);
    } else {
      name();
    }
  });
  request.once('close', () => {
    inFlight.delete(request);
    touch();
  });
  touch();
  return request;
}

/** Replaces the real clock with the virtual one. `send` receives the reports. */
export function install(send) {
  report = send;
  globalThis.setTimeout = (act, milliseconds, ...values) => new Timer(() => act(...values), milliseconds);
  globalThis.clearTimeout = (timer) => timer?.close?.();
  performance.now = () => now;
  const { request } = http;
  http.request = (...given) => follow(request(...given));
  syncBuiltinESMExports();
}

/** An invocation starts, and reports with it. */
export function begin(message) {
  busy = true;
  advance(message);
}

/** The invocation has ended: as in Lambda, the process is frozen until the next one. */
export function end() {
  busy = false;
}

/** Sets the time and runs what is due, in the order in which it is due; not in a process without an invocation. */
export function advance({ now: time, epoch: current }) {
  if (!busy) {
    return;
  }
  now = time;
  epoch = current;
  const due = [...timers].filter((timer) => timer.due <= now).sort((one, other) => one.due - other.due);
  for (const timer of due) {
    if (timers.delete(timer)) {
      timer.act();
    }
  }
  touch();
}
