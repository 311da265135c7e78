import * as fc from 'fast-check';
import { differences, hex, type Picture } from './page-picture.ts';
import type { Deviation, LawName, Performed, Running, Subject } from './subject.ts';

/** A law was broken: a sentence. */
class Breach extends Error {
  override readonly name = 'Breach';
}

/** How often each deviation was seen. */
export type Seen = Map<Deviation, number>;

/** Hold one law against a subject. @returns the breach with the shortest sequence that was found, or null */
export function breachOf<Operation>(subject: Subject<Operation>, law: LawName, seen: Seen): string | null {
  const result = fc.check(
    fc.property(subject.operations, fc.nat(), (list, at) => HELD[law](subject, list, at, seen)),
    { numRuns: subject.runs ?? 60, seed: 7 },
  );
  if (!result.failed) return null;
  const error = result.errorInstance;
  const words =
    error instanceof Error ? (error instanceof Breach ? error.message : (error.stack ?? error.message)) : '';
  return `${words}\n${fc.stringify(result.counterexample)}`;
}

type Hold = <Operation>(subject: Subject<Operation>, list: readonly Operation[], at: number, seen: Seen) => void;

const HELD: Readonly<Record<LawName, Hold>> = {
  failure(subject, list, _at, seen) {
    each(subject.start(), list, (running, perform) => {
      const before = running.state();
      const pictures = picturesOf(running);
      const performed = perform();
      if (performed === null || performed.outcome === 'ok' || performed.fatal || running.state() === before) return;
      const deviation = subject.deviations.find(
        ({ law, operations, outcomes }) =>
          law === 'failure' && operations.includes(performed.name) && outcomes?.includes(performed.outcome) !== false,
      );
      if (deviation === undefined) throw new Breach(`${said(performed)} has changed something`);
      checkAllowed(performed, deviation, running, pictures);
      seen.set(deviation, (seen.get(deviation) ?? 0) + 1);
    });
  },

  disjoint(subject, list) {
    each(subject.start(), list, (running, perform) => {
      const performed = perform();
      // Pictures cannot be made of mappings that overlap.
      try {
        picturesOf(running);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        throw new Breach(`after ${performed === null ? 'nothing' : said(performed)} ${error.message}`);
      }
    });
  },

  deterministic(subject, list, at) {
    const running = subject.start();
    const first = traceOf(running, list.slice(0, at % (list.length + 1)));
    // A kernel that has stopped goes nowhere.
    const rest = first.at(-1)?.startsWith(FATAL) === true ? [] : list.slice(at % (list.length + 1));
    const back = running.snapshot();
    const second = traceOf(running, rest);
    same(traceOf(subject.start(), list), [...first, ...second], 'a second run');
    back();
    same(traceOf(running, rest), second, 'a run from a snapshot');
    running.reset();
    same(traceOf(running, list), [...first, ...second], 'a run after a reset');
  },

  record(subject, list, _at, seen) {
    const done: string[] = [];
    each(subject.start(), list, (running, perform) => {
      const performed = perform();
      if (performed === null || performed.fatal) return;
      done.push(performed.name);
      for (const space of running.spaces()) {
        const [difference] = differences(running.told(space), running.picture(space));
        if (difference === undefined) continue;
        const deviation = subject.deviations.find(
          ({ law, operations }) => law === 'record' && operations.some((name) => done.includes(name)),
        );
        const { kind, start, end } = difference;
        if (deviation === undefined)
          throw new Breach(
            `after ${said(performed)} nobody was told what ${kind} at ${hex(start)} to ${hex(end)} of ${space}`,
          );
        seen.set(deviation, (seen.get(deviation) ?? 0) + 1);
        return 'stop';
      }
      return undefined;
    });
  },

  unmap(subject, list) {
    each(subject.start(), list, (running, perform) => {
      const performed = perform();
      if (performed?.empties === undefined || performed.outcome !== 'ok') return;
      const { space, range, identity } = performed.empties;
      const left = running
        .picture(space)
        .find((run) => run.start < range.end && range.start < run.end && (identity ?? run.identity) === run.identity);
      if (left !== undefined) throw new Breach(`${said(performed)} has left ${hex(left.start)} to ${hex(left.end)}`);
    });
  },

  check(subject, list) {
    each(subject.start(), list, (running, perform, operation) => {
      const [before, heard] = [running.state(), running.heard];
      const answer = running.check(operation);
      if (running.state() !== before) throw new Breach(`the check that answered ${answer} has changed something`);
      if (running.heard !== heard) throw new Breach(`the check that answered ${answer} has told effects`);
      const performed = perform();
      if (answer !== (performed?.outcome ?? null))
        throw new Breach(`checked: ${answer}, performed: ${performed?.outcome}`);
    });
  },
};

/** Run operations one by one, up to a fatal one or until `step` says stop. */
function each<Operation>(
  running: Running<Operation>,
  list: readonly Operation[],
  step: (
    running: Running<Operation>,
    perform: () => Performed | null,
    operation: Operation,
  ) => 'stop' | undefined | void,
): void {
  for (const operation of list) {
    let fatal = false;
    const perform = (): Performed | null => {
      const performed = running.perform(operation);
      fatal = performed?.fatal === true;
      return performed;
    };
    if (step(running, perform, operation) === 'stop' || fatal) return;
  }
}

const FATAL = 'the kernel has stopped';

/** All that a run shows. */
function traceOf<Operation>(running: Running<Operation>, list: readonly Operation[]): string[] {
  const trace: string[] = [];
  each(running, list, (_running, perform) => {
    const heard = running.heard;
    const performed = perform();
    const told = running.heard - heard;
    trace.push(performed?.fatal === true ? `${FATAL} ${told}` : `${performed?.outcome} ${told} ${running.state()}`);
  });
  return trace;
}

function same(a: readonly string[], b: readonly string[], what: string): void {
  const at = a.findIndex((line, i) => line !== b[i]);
  if (at >= 0 || a.length !== b.length) throw new Breach(`${what} goes another way at step ${at}:\n${a[at]}\n${b[at]}`);
}

const picturesOf = <Operation>(running: Running<Operation>): Map<number, Picture> =>
  new Map(running.spaces().map((space) => [space, running.picture(space)]));

/** What a refused operation did is what its system says, and no more. */
function checkAllowed<Operation>(
  performed: Performed,
  { allows = [], beyond = [], within = false, prefix = false, reason }: Deviation,
  running: Running<Operation>,
  before: ReadonlyMap<number, Picture>,
): void {
  for (const space of running.spaces()) {
    const after = running.picture(space);
    for (const { kind, start, end } of differences(before.get(space) ?? [], after)) {
      const place = `${kind} at ${hex(start)} to ${hex(end)} of ${space}`;
      if (beyond.includes(kind)) continue;
      if (!allows.includes(kind)) throw new Breach(`${said(performed)} (${reason}): ${place} is not allowed`);
      const inside = performed.ranges.some((range) => range.start <= start && end <= range.end);
      if (within && (space !== performed.space || !inside))
        throw new Breach(`${said(performed)} (${reason}): ${place} is outside of what it names`);
      const [range] = performed.ranges;
      if (prefix && range !== undefined && !covers(after, range.start, end))
        throw new Breach(`${said(performed)} (${reason}): ${place} lies behind a hole`);
    }
  }
}

function covers(picture: Picture, start: number, end: number): boolean {
  let reached = start;
  for (const run of picture) if (run.start <= reached && reached < run.end) reached = run.end;
  return reached >= end;
}

const said = ({ name, outcome, space, ranges }: Performed): string =>
  `${name} of ${ranges.map(({ start, end }) => `${hex(start)} to ${hex(end)}`).join(' and ')} in ${space}, answered ${outcome},`;
