import { redox } from '@overmap/core';
import type { LineRecord } from '@overmap/trace';
import type { Compare } from './compare.ts';
import { asks } from './scheme-lines.ts';
import { textAt } from './record-reader.ts';

const { MAP, Machine, PAGE_SIZE, performRedox, USER_END_PAGE } = redox;

const END = USER_END_PAGE * PAGE_SIZE;
/** Where the scheme of the small machine has its file. */
const REPLY = 0x10000;

type Case = (machine: redox.Machine) => redox.RedoxOutcome;

/** A machine with a space 0 of a caller, and a space 1 of a scheme with a page of memory at {@link REPLY}. */
function smallMachine(policy: number): redox.Machine {
  const machine = new Machine({ policy });
  machine.addSpace(0);
  machine.addSpace(1);
  const mapFlags = MAP.read | MAP.write | MAP.private | MAP.fixed;
  performRedox(machine, {
    op: 'mmap',
    space: 1,
    address: REPLY,
    size: PAGE_SIZE,
    mapFlags,
    memory: 'wb',
    contiguous: false,
  });
  return machine;
}

const schemeMap =
  (changed: Partial<Extract<redox.RedoxOperation, { op: 'mapScheme' }>>): Case =>
  (machine) => {
    const plain = {
      scheme: 1,
      reply: REPLY,
      file: 1,
      offset: 0,
      size: PAGE_SIZE,
      address: 0,
      mapFlags: MAP.shared | MAP.read,
    };
    return performRedox(machine, { op: 'mapScheme', space: 0, ...plain, ...changed });
  };

const leastAddress =
  (address: number): Case =>
  (machine) =>
    performRedox(machine, { op: 'setLeastAddress', space: 0, address });

const keepOld =
  (shared: boolean): Case =>
  (machine) => {
    const mapFlags = MAP.read | MAP.write | MAP.fixed | (shared ? MAP.shared : MAP.private);
    const size = PAGE_SIZE;
    if (shared)
      performRedox(machine, { op: 'mmap', space: 0, address: REPLY, size, mapFlags, memory: 'wb', contiguous: false });
    const moved = { oldAddress: REPLY, oldSize: size, newAddress: 0, newSize: size };
    return performRedox(machine, {
      op: 'mremap',
      space: 0,
      ...moved,
      remapFlags: redox.MREMAP.keepOld,
      mapFlags: MAP.read,
    });
  };

/** What each line of the table asks, by the entry and the one key of its input. */
const CASES: readonly (readonly [string, string, unknown, Case])[] = [
  ['scheme-fmap', 'size', 0, schemeMap({ size: 0 })],
  ['scheme-fmap', 'size', 1, schemeMap({ size: 1 })],
  ['scheme-fmap', 'address', 8, schemeMap({ address: 8 })],
  ['scheme-fmap', 'offset', 8, schemeMap({ offset: 8 })],
  ['scheme-fmap', 'scheme_context', 'gone', schemeMap({ scheme: null })],
  ['scheme-fmap', 'scheme_space', 'same as caller', schemeMap({ scheme: 0 })],
  ['scheme-fmap', 'reply_base', 'unaligned', schemeMap({ reply: REPLY + 8 })],
  ['scheme-fmap', 'reply_page', 'no grant in scheme space', schemeMap({ reply: 2 * REPLY })],
  [
    'scheme-fmap',
    'addr+size',
    'above USER_END',
    schemeMap({ address: END, mapFlags: MAP.shared | MAP.read | MAP.fixed }),
  ],
  ['mmap_min-write', 'value', 'unaligned', leastAddress(8)],
  ['mmap_min-write', 'value', '> USER_END', leastAddress(END + PAGE_SIZE)],
  ['mmap_min-write', 'value', 'USER_END', leastAddress(END)],
  ['frame-share(KEEP_OLD/sighandler)', 'page', 'no grant', keepOld(false)],
  ['frame-share(KEEP_OLD/sighandler)', 'grant', 'not Allocated', keepOld(true)],
];

const PHYSICAL_ZERO: Case = (machine) =>
  performRedox(machine, {
    op: 'mapPhysical',
    space: 0,
    physical: 0,
    size: PAGE_SIZE,
    mapFlags: MAP.read,
    memory: 'wb',
  });

/** What a recorded answer of the table means: an error's name, or that it works, or that the kernel panics. */
function meant(out: string): string {
  if (out.startsWith('kernel-panic')) return 'panic';
  return out === 'unchecked' ? 'ok' : out;
}

const shown = (outcome: redox.RedoxOutcome): string =>
  outcome.kind === 'error' ? outcome.error : outcome.kind === 'panic' ? 'panic' : 'ok';

/** An error of a call's entry, from the table of those. @returns why it was not compared, or null */
export function entryErrorLine(record: LineRecord, compare: Compare, policy: number): string | null {
  const entry = textAt(record, 'entry');
  const { in: input } = record;
  const physicalZero =
    entry === 'physmap' && typeof input === 'object' && input !== null && 'phys' in input && input.phys === 0;
  const found = CASES.find(([name, key, value]) => name === entry && asks(input, key, value));
  const run = physicalZero ? PHYSICAL_ZERO : found?.[3];
  if (run === undefined) return `${entry.slice(0, 40)} is not in the model`;
  compare('out', meant(textAt(record, 'out')), shown(run(smallMachine(policy))));
  return null;
}
