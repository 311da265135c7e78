import { freebsd } from '@overmap/core';

/** A step of a scenario of keys: what it does, or why it is not run. */
type KeyStep =
  | { readonly operations: readonly freebsd.FreeBsdOperation[]; readonly then?: 'follow-child' }
  | { readonly uncovered: string };

const { MAP, PAGE_SIZE, PROT } = freebsd;
const PLACED = MAP.FIXED | MAP.PRIVATE;
const RW = PROT.read | PROT.write;
const FILE = 3;

/** How a word of a scenario reads: its name and what stands behind it; pages are counted from address 0. */
const KINDS: Readonly<Record<string, readonly ('page' | 'key' | 'prot' | 'persist?')[]>> = {
  mmap: ['page', 'page'],
  mmap_file: ['page', 'page'],
  mmap_guard: ['page', 'page'],
  munmap: ['page', 'page'],
  touch: ['page', 'page', 'page'],
  set: ['page', 'page', 'key', 'persist?'],
  set_excl: ['page', 'page', 'key', 'persist?'],
  clear: ['page', 'page'],
  mprotect: ['page', 'page', 'prot'],
  msync_inv: ['page', 'page'],
  wire: ['page', 'page'],
  inherit_none: ['page', 'page'],
  swapout: [],
  swapin: [],
  fork_child: [],
  exec: [],
};

/** Whether a value is what a scenario may have at that place. */
function fits(kind: 'page' | 'key' | 'prot' | 'persist?', value: unknown): boolean {
  if (kind === 'persist?') return value === undefined || typeof value === 'boolean';
  if (kind === 'prot') return typeof value === 'string' && /^r?w?x?$/.test(value);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 2 ** 35;
}

/**
 * Read a step `[name, …]`. A range is its first page and the page behind its last; `touch` has the first page of the
 * mapping in front of them.
 *
 * @param process - who does it
 */
function readKeyStep(step: unknown, process: number): KeyStep {
  if (!Array.isArray(step) || typeof step[0] !== 'string') return { uncovered: 'a step that is not [name, …]' };
  const [name, ...args] = step as [string, ...unknown[]];
  const kinds = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  if (kinds === undefined) return { uncovered: `operation ${JSON.stringify(name.slice(0, 40))} is not known` };
  if (args.length > kinds.length || !kinds.every((kind, i) => fits(kind, args[i])))
    return { uncovered: `${name}: other arguments than are known` };
  const [first, last] = (name === 'touch' ? args.slice(1) : args) as number[];
  if (last <= first) return { uncovered: `${name}: an empty range` };
  const range = { process, address: first * PAGE_SIZE, length: (last - first) * PAGE_SIZE };
  return operationsOf(name, range, args);
}

type Pages = { readonly process: number; readonly address: number; readonly length: number };

function operationsOf(name: string, range: Pages, args: readonly unknown[]): KeyStep {
  const { process } = range;
  const one = (operation: freebsd.FreeBsdOperation): KeyStep => ({ operations: [operation] });
  const anonymous = { ...range, op: 'mmap', prot: RW, flags: PLACED | MAP.ANON, file: null, position: 0 } as const;
  switch (name) {
    case 'mmap':
      return one(anonymous);
    case 'mmap_file':
      return one({ ...anonymous, flags: PLACED, file: FILE });
    case 'mmap_guard':
      return one({ ...anonymous, prot: 0, flags: MAP.FIXED | MAP.GUARD });
    case 'munmap':
      return one({ ...range, op: 'munmap' });
    case 'touch':
      return one({ ...range, op: 'touch', write: true });
    case 'set':
    case 'set_excl': {
      const { EXCL, PERSIST } = freebsd.KEY_FLAGS;
      const flags = (args[3] === true ? PERSIST : 0) | (name === 'set_excl' ? EXCL : 0);
      return one({ ...range, op: 'setKey', key: Number(args[2]), flags });
    }
    case 'clear':
      return one({ ...range, op: 'clearKey' });
    case 'mprotect':
      return one({ ...range, op: 'mprotect', prot: protOf(String(args[2])) });
    case 'msync_inv':
      return one({ ...range, op: 'msync', invalidate: true, async: false });
    case 'wire':
      return one({ ...range, op: 'mlock' });
    case 'inherit_none':
      return one({ ...range, op: 'minherit', inheritance: 'none' });
    case 'fork_child':
      return { operations: [{ op: 'fork', process, child: process + 1 }], then: 'follow-child' };
    case 'swapout':
    case 'swapin':
    case 'exec':
      return one({ op: name, process });
    default:
      return { uncovered: `operation ${JSON.stringify(name)} is not known` };
  }
}

const protOf = (text: string): number =>
  (text.includes('r') ? PROT.read : 0) |
  (text.includes('w') ? PROT.write : 0) |
  (text.includes('x') ? PROT.execute : 0);

/** A scenario's steps as operations, up to the first that is not covered. The first process is 0. */
export interface KeyScenario {
  readonly operations: readonly freebsd.FreeBsdOperation[];
  /** Why it was not read to its end; undefined: it was. */
  readonly uncovered?: string;
  /** Whom the scenario is about in the end: a fork's child from the fork on. */
  readonly process: number;
}

export function readKeyScenario(steps: readonly unknown[]): KeyScenario {
  const operations: freebsd.FreeBsdOperation[] = [];
  let process = 0;
  for (const raw of steps) {
    const step = readKeyStep(raw, process);
    if ('uncovered' in step) return { operations, uncovered: step.uncovered, process };
    operations.push(...step.operations);
    if (step.then === 'follow-child') process++;
  }
  return { operations, process };
}
