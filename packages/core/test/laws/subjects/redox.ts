import { redox } from '../../../src/index.ts';
import { makesSense, operations, SPACES } from '../../redox/random-operations.ts';
import { stateOf } from '../../redox/small-machine.ts';
import { type Picture, pictureOf } from '../page-picture.ts';
import type { Deviation, Performed, Range, Running, Subject } from '../subject.ts';
import { ToldPicture } from '../told-picture.ts';

const { DEFECTS, MAP, PAGE_SIZE, RedoxSemantics, REDOX_POLICIES } = redox;

type Operation = redox.RedoxOperation;

/** From here on the object's number says of what kind it is; below 2^60 it is a physical address. */
const PRIVATE = 60n;
const SHARED = 61n;

const rw = MAP.read | MAP.write;
const at = (page: number): number => page * PAGE_SIZE;
const mapped = (space: number, page: number, pages: number, mapFlags: number): Operation => ({
  op: 'mmap',
  space,
  address: at(page),
  size: at(pages),
  mapFlags: mapFlags | MAP.fixed,
  memory: 'wb',
  contiguous: false,
});

/** What is there when a run begins: private and shared memory, memory of another space, a pinned loan. */
const FURNITURE: readonly Operation[] = [
  mapped(0, 1, 3, rw | MAP.private),
  mapped(0, 4, 3, MAP.read | MAP.shared),
  mapped(1, 2, 8, rw | MAP.private),
  {
    op: 'borrow',
    space: 0,
    source: 1,
    sourceAddress: at(3),
    size: at(4),
    address: at(8),
    mapFlags: MAP.read | MAP.fixed,
  },
  { op: 'pinBorrow', space: 1, source: 0, sourceAddress: at(1), size: at(2), mapFlags: MAP.read },
];

/** The same operation on the first pages of two spaces, so that operations meet. */
function pressed(operation: Operation): Operation {
  const fold = (bytes: number): number => bytes % at(PAGES);
  const folded: Record<string, unknown> = { ...operation };
  for (const key of ['address', 'oldAddress', 'newAddress', 'sourceAddress', 'reply'])
    if (typeof folded[key] === 'number') folded[key] = fold(folded[key]);
  for (const key of ['space', 'source', 'scheme']) if (typeof folded[key] === 'number') folded[key] %= SPACES_IN_USE;
  if (typeof folded['page'] === 'number') folded['page'] %= PAGES;
  return folded as Operation;
}

const PAGES = 16;
const SPACES_IN_USE = 2;

class Redox implements Running<Operation> {
  private readonly system: redox.RedoxSemantics;
  private readonly record = new ToldPicture();
  /** To the furnished machine. */
  readonly reset: () => void;

  constructor(policy: number) {
    this.system = new RedoxSemantics({ policy, memory: [{ base: 0x1000, count: 0x800 }] });
    for (let id = 1; id < SPACES; id++) this.system.machine.addSpace(id, id);
    const { record } = this;
    const bytes = ({ base, count }: redox.PageSpan): [number, number] => [base * PAGE_SIZE, (base + count) * PAGE_SIZE];
    this.system.sink = {
      appeared: ({ id }, grant) => record.appeared(id, ...bytes(grant), grantIdentity(grant), `${grant.flags}`),
      vanished: ({ id }, grant) => record.gone(id, ...bytes(grant)),
      protectionChanged: ({ id }, span, _before, after) => record.changed(id, ...bytes(span), `${after}`),
    };
    for (const operation of FURNITURE) this.system.perform([operation], 0);
    const back = this.snapshot();
    this.reset = back;
  }

  get heard(): number {
    return this.record.heard;
  }

  spaces(): readonly number[] {
    return [...this.system.machine.spaces.keys()];
  }

  picture(space: number): Picture {
    // Memory that a space has to itself has no place in an object; of all other memory each page has its own.
    return pictureOf(this.system.mappings(space), ({ object, start }) => {
      if (object >> PRIVATE === 1n) return 'private';
      if (object >> SHARED === 1n) return 'shared';
      return `${object - start}`;
    });
  }

  told(space: number): Picture {
    return this.record.picture(space);
  }

  state(): string {
    return JSON.stringify(stateOf(this.system.machine));
  }

  check(operation: Operation): string | null {
    if (!makesSense(this.system.machine, operation)) return null;
    this.system.check([operation], 0);
    return this.answer();
  }

  perform(operation: Operation): Performed | null {
    if (!makesSense(this.system.machine, operation)) return null;
    this.system.perform([operation], 0);
    const ranges = rangesOf(operation);
    const unmaps = operation.op === 'munmap' || operation.op === 'munmapUnpin';
    return {
      name: operation.op,
      outcome: this.answer(),
      fatal: this.system.last?.kind === 'panic',
      space: operation.space,
      ranges,
      ...(unmaps ? { empties: { space: operation.space, range: ranges[0] } } : {}),
    };
  }

  private answer(): string {
    const { last } = this.system;
    if (last?.kind === 'error') return last.error;
    if (last?.kind === 'fault') return last.fault;
    return last?.kind === 'panic' ? 'panic' : 'ok';
  }

  snapshot(): () => void {
    const kept = this.system.snapshot();
    const told = this.record.snapshot();
    return () => {
      this.system.restore(kept);
      told();
    };
  }
}

/** As the mapping record has it, see `picture`. */
function grantIdentity({ base, provider }: redox.Grant): string {
  const start = BigInt(base) * BigInt(PAGE_SIZE);
  const pages = (n: number): bigint => BigInt(n) * BigInt(PAGE_SIZE);
  switch (provider.kind) {
    case 'Allocated':
      return 'private';
    case 'AllocatedShared':
      return 'shared';
    case 'PhysBorrowed':
      return `${pages(provider.frame) - start}`;
    case 'External':
      return `${((1n << 62n) | (BigInt(provider.source?.id ?? 0) << 48n) | pages(provider.sourceBase)) - start}`;
    case 'FmapBorrowed':
      return `${((1n << 63n) | (BigInt(provider.file.file) << 48n) | pages(provider.file.offset)) - start}`;
  }
}

function rangesOf(operation: Operation): Range[] {
  const range = (start: number, size: number): Range => ({
    start,
    end: start + Math.ceil(size / PAGE_SIZE) * PAGE_SIZE,
  });
  switch (operation.op) {
    case 'mremap': {
      const size = Math.max(operation.oldSize, operation.newSize);
      return [range(operation.oldAddress, size), range(operation.newAddress, size)];
    }
    case 'access':
      return [range(operation.page * PAGE_SIZE, PAGE_SIZE)];
    case 'mmap':
    case 'munmap':
    case 'munmapUnpin':
    case 'mprotect':
    case 'borrow':
    case 'transfer':
    case 'mapScheme':
      return [range(operation.address, operation.size)];
    default:
      return [];
  }
}

const DEVIATIONS: readonly Deviation[] = [
  {
    law: 'failure',
    operations: ['mmap', 'borrow', 'transfer', 'mapScheme'],
    outcomes: ['EBUSY', 'EINVAL', 'EPERM', 'EACCES', 'ENOMEM', 'EOPNOTSUPP', 'EIO'],
    allows: ['vanished'],
    within: true,
    reason: 'a fixed request unmaps what is there, and stays done if a later step fails; a scheme’s pages are touched',
  },
  {
    law: 'failure',
    operations: ['munmap', 'munmapUnpin'],
    outcomes: ['EBUSY'],
    allows: ['vanished'],
    within: true,
    reason: 'what lies below a pinned grant is gone',
  },
  {
    law: 'failure',
    operations: ['mprotect'],
    outcomes: ['EBUSY', 'EACCES'],
    allows: ['changed'],
    within: true,
    reason: 'what lies below the grant that refuses stays changed, and that grant stays cut',
  },
  {
    law: 'failure',
    operations: ['mremap'],
    allows: ['vanished'],
    within: true,
    reason:
      'a fixed destination is unmapped, and a page that is to be kept made the space’s own, before the rest is looked at',
  },
];

const SPLIT: Deviation = {
  law: 'record',
  operations: ['munmap', 'munmapUnpin', 'mprotect', 'mmap', 'mremap', 'borrow', 'transfer', 'mapScheme', 'drop'],
  reason: 'B1: the parts of a split External grant all name the source’s first page',
};

/** With defect B1, whatever cuts a grant of another space's memory moves what its parts show. */
const withSplits = (deviations: readonly Deviation[]): readonly Deviation[] => [
  ...deviations.map((deviation): Deviation => ({ ...deviation, beyond: ['replaced'] })),
  SPLIT,
];

const subject = (policy: keyof typeof REDOX_POLICIES): Subject<Operation> => ({
  name: `Redox, ${policy}`,
  operations: operations.map((list) => list.map(pressed)),
  start: () => new Redox(REDOX_POLICIES[policy]),
  deviations: (REDOX_POLICIES[policy] & DEFECTS.externalSplit) === 0 ? DEVIATIONS : withSplits(DEVIATIONS),
  runs: 120,
});

export const REDOX_SUBJECTS = [subject('asIs'), subject('intended')];
