import type { PageSize } from '@overmap/core';
import { describe, expect, it, vi } from 'vitest';
import { architectureOf, BUILD_NAMES, type BuildName } from '../../src/builds.ts';
import type { CauseName } from '../../src/holes/kinds.ts';
import { type Breach, searchWorld } from '../../src/holes/search.ts';
import { SmallWorld } from '../../src/holes/small-world.ts';
import { tell } from '../../src/holes/tell.ts';
import type { Operation } from '../../src/operation.ts';
import { engineRule } from '../../src/rule.ts';
import { eventsOf, type Recorded, recordingsOf } from '../recorded.ts';

/** A step of a pattern: an operation whose slots and addresses stand for others. */
type Bound = ReadonlyMap<string, number | string>;

/**
 * Whether a recording has the steps of a hole, in their order and with the answers of the model, and its page tables
 * before and after the last one show that the page was replaced. Tables that are mapped in between do not matter.
 * Searched from the end: few maps replace a page.
 *
 * @param by - `quiet`: no states needed, but then nothing may be deleted and no table unmapped in between
 */
function contains(
  events: readonly Recorded[],
  steps: readonly Operation[],
  by: 'states' | 'quiet' = 'states',
): boolean {
  const pattern = steps.filter(({ op }) => op !== 'map_table');
  const frames = framesOf(events);
  const go = (from: number, step: number, bound: Bound): boolean => {
    if (step < 0) return true;
    for (let i = from; i >= 0; i--) {
      const next = bind(pattern[step], events[i], bound);
      if (next !== null && go(i - 1, step - 1, next)) return true;
      const { op, cap, ret } = events[i];
      // The capabilities of the pattern are not unmapped, moved or given up in between.
      const mapped = [...bound].some(([name, value]) => name.startsWith('frame') && value === cap);
      if (mapped && ret === 'ok' && ['unmap', 'delete', 'move'].includes(op)) return false;
      if (by === 'quiet' && ['unmap_table', 'delete', 'revoke', 'move', 'swap'].includes(op)) return false;
    }
    return false;
  };
  const last = pattern.length - 1;
  return events.some((event, i) => {
    const bound = bind(pattern[last], event, new Map());
    return bound !== null && (by === 'quiet' || replaced(events, i, frames)) && go(i - 1, last - 1, bound);
  });
}

/** The names in the pattern bound to those of the event; null when they do not fit. */
function bind(step: Operation, event: Recorded, bound: Bound): Bound | null {
  if (event.op !== step.op || event.ret !== 'ok') return null;
  const next = new Map(bound);
  const fits = (kind: string, name: number | bigint, value: number | string | undefined): boolean => {
    if (value === undefined) return false;
    const key = `${kind} ${name}`;
    const known = next.get(key);
    if (known !== undefined) return known === value;
    if ([...next].some(([other, taken]) => other.startsWith(kind) && taken === value)) return false;
    next.set(key, value);
    return true;
  };
  switch (step.op) {
    case 'map': {
      const none = step.rights === '';
      const recordedNone = !/r/.test(event.rights ?? '') && ((event.attr ?? 0) & 1) === 1;
      const ok =
        none === recordedNone &&
        fits('frame', step.cap, event.cap) &&
        fits('space', step.vspace, event.vspace) &&
        fits('place', step.vaddr, event.vaddr);
      return ok ? next : null;
    }
    case 'assign':
      return fits('space', step.vspace, event.vspace) ? next : null;
    case 'unmap_table':
      return fits('table', step.cap, event.cap) ? next : null;
    case 'delete':
      return fits(step.cap <= 3 ? 'space' : 'table', step.cap, event.cap) ? next : null;
    default:
      return null;
  }
}

type Frames = Map<number, { readonly paddr: bigint; readonly bits: bigint }>;

/** The frame of each capability that a retype or copy made. */
function framesOf(events: readonly Recorded[]): Frames {
  const frames: Frames = new Map();
  for (const { op, ret, cap, src, n, bits, paddr } of events) {
    if (ret !== 'ok' || cap === undefined) continue;
    if (op === 'retype' && paddr !== undefined && bits !== undefined)
      for (let i = 0; i < (n ?? 1); i++)
        frames.set(cap + i, { paddr: BigInt(paddr) + (BigInt(i) << BigInt(bits)), bits: BigInt(bits) });
    else if ((op === 'copy' || op === 'mint' || op === 'move') && src !== undefined) {
      const frame = frames.get(src);
      if (frame !== undefined) frames.set(cap, frame);
    }
  }
  return frames;
}

/** The states around a map: a page of another frame was at its place, and is not any more. */
function replaced(events: readonly Recorded[], i: number, frames: Frames): boolean {
  const { vspace, vaddr, cap } = events[i];
  const entry = (state: Recorded | undefined): bigint | undefined => {
    const found =
      state?.op === 'state' && state.vspace === vspace ? state.entries?.find(([at]) => at === vaddr) : undefined;
    return found === undefined ? undefined : BigInt(found[2]);
  };
  const was = entry(events[i - 1]);
  const is = entry(events[i + 1]);
  if (was === undefined || is === undefined || was === is) return false;
  const frame = frames.get(cap ?? -1);
  if (frame === undefined) return false;
  // RISC-V writes the address two bits down; below the page's own bits there are flags.
  const holds = (word: bigint): boolean =>
    [word, (word & 0x3f_ffff_ffff_fc00n) << 2n].some(
      (address) => (address & 0xffff_ffff_ffffn) >> frame.bits === frame.paddr >> frame.bits,
    );
  return holds(is) && !holds(was);
}

/** A hole of strict on one build with pages of one size. */
async function holeOf(build: BuildName, cause: CauseName, size: PageSize | undefined, depth: number): Promise<Breach> {
  if (size === undefined) throw new Error('no such size');
  const found: Breach[] = [];
  await searchWorld(new SmallWorld(build, size, engineRule('strict')), { depth }, (breach) => {
    if (breach.violations.some((violation) => violation.cause === cause)) found.push(breach);
  });
  const [first] = found;
  if (first === undefined) throw new Error(`no ${cause} on ${build}`);
  return first;
}

const recordings = (build: BuildName): Recorded[][] => recordingsOf(build, 'strict').map(eventsOf);
const sequence = (breach: Breach): Operation[] => tell(breach).map(({ operation }) => operation);

// Searches and suites take seconds each; a busy machine needs its time.
vi.setConfig({ testTimeout: 180_000 });

describe('the holes of strict, in recordings of the kernel with pull request 1526 (RISC-V: as shipped)', () => {
  it.each(BUILD_NAMES)('%s: the stale remap', async (build) => {
    const steps = sequence(await holeOf(build, 'stale-table-unmapped', architectureOf(build).sizes[0], 5));
    expect(recordings(build).filter((events) => contains(events, steps)).length).toBeGreaterThan(0);
  });

  it.each(BUILD_NAMES)('%s: the reused ASID', async (build) => {
    const steps = sequence(await holeOf(build, 'asid-reuse', architectureOf(build).sizes.at(-1), 6));
    expect(recordings(build).filter((events) => contains(events, steps)).length).toBeGreaterThan(0);
  });

  it.each(['riscv32', 'riscv64'] as const)('%s: the entry without rights', async (build) => {
    const steps = sequence(await holeOf(build, 'no-rights', architectureOf(build).sizes[0], 3));
    expect(recordings(build).filter((events) => contains(events, steps, 'quiet')).length).toBeGreaterThan(0);
  });

  it('would not be found where the last map was refused', async () => {
    const steps = sequence(await holeOf('riscv64', 'stale-table-unmapped', architectureOf('riscv64').sizes[0], 5));
    const [events] = recordings('riscv64').filter((all) => contains(all, steps));
    if (events === undefined) throw new Error('no recording');
    const refused = events.map((event) => (event.op === 'map' ? { ...event, ret: 'DeleteFirst' } : event));
    expect(contains(refused, steps)).toBe(false);
    const others = events.filter(({ op }) => op !== 'unmap_table');
    expect(contains(others, steps)).toBe(false);
  });
});
