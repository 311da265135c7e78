import {
  ASID,
  check,
  Code,
  CODE_MASK,
  type Columns,
  describeOutcome,
  EMPTY,
  ILLEGAL_OPERATION,
  INVALID_ROOT,
  invalidCapability,
  isStale,
  type Kernel,
  MAPPED,
  missingCapability,
  OBJECT,
  OK,
  Op,
  POLICIES,
  type PolicyName,
  TYPE_MASK,
  VADDR_HI,
  VADDR_LO,
} from '@overmap/core';
import type { CheckMutant } from './mutant.ts';
import { orderMutants } from './order-mutants.ts';
import { type MapRow, mapRow, Patch, REPAIR_NAMES, REPAIRS, type RepairName } from './patch.ts';

const FORGOTTEN = {
  vspace: ['vspace argument', 'takes any capability for a vspace'],
  root: ['ASID of the vspace', 'does not ask whose ASID it is'],
  recordedAsid: ['recorded ASID', 'does not compare the recorded ASID'],
  recordedAddress: ['recorded address', 'does not compare the recorded address'],
  alignment: ['alignment', 'rounds the address down'],
  limit: ['limit', 'has no limit'],
} as const satisfies Record<RepairName, readonly [CheckMutant['rule'], string]>;

/** Kernels that check a Page_Map wrongly, on one build under one policy. */
export function checkMutants(k: Kernel): CheckMutant[] {
  return [
    ...REPAIR_NAMES.map((name) =>
      asked(`${name}-forgotten`, FORGOTTEN[name][0], FORGOTTEN[name][1], (map, patch) => REPAIRS[name](map, patch)),
    ),
    ...capabilityMutants(),
    ...recordMutants(),
    ...addressMutants(k),
    ...k.arch.sizes.flatMap((_, size) => sizeMutants(k, size)),
    ...policyMutants(),
    ...orderMutants(),
  ];
}

/** A mutant that asks the engine about another state. */
function asked(
  id: string,
  rule: CheckMutant['rule'],
  what: string,
  change: (map: MapRow, patch: Patch) => void,
): CheckMutant {
  const patch = new Patch();
  return {
    id,
    rule,
    what,
    answer(k, columns, row, policy, answer) {
      const map = mapRow(k, columns, row);
      if (columns.op[row] !== Op.map || !map.isFrame) return answer;
      try {
        change(map, patch);
        return check(k, columns, row, policy);
      } finally {
        patch.undo();
      }
    },
  };
}

/** A mutant that answers another error where a condition holds. */
function answers(
  id: string,
  rule: CheckMutant['rule'],
  what: string,
  otherwise: (map: MapRow, answer: number, policy: number) => number,
): CheckMutant {
  return {
    id,
    rule,
    what,
    answer: (k, columns, row, policy, answer) =>
      columns.op[row] === Op.map ? otherwise(mapRow(k, columns, row), answer, policy) : answer,
  };
}

function capabilityMutants(): CheckMutant[] {
  const type = ({ k, c }: MapRow): number => k.caps[c] & TYPE_MASK;
  const badRoot = ({ k, v }: MapRow): boolean => k.asidRoots[k.caps[v + ASID]] !== k.caps[v + OBJECT];
  const unusable = ({ k, v }: MapRow): boolean => (k.caps[v] & (TYPE_MASK | MAPPED)) !== k.vspaceWord;
  return [
    answers('empty-illegal', 'invoked capability', 'an empty slot answers IllegalOperation', (map, answer) =>
      type(map) === EMPTY ? ILLEGAL_OPERATION : answer,
    ),
    answers('other-invalid', 'invoked capability', 'what is no frame answers InvalidCapability 0', (map, answer) =>
      map.isFrame ? answer : invalidCapability(0),
    ),
    answers('vspace-first', 'order', 'looks at the vspace before the invoked capability', (map, answer) =>
      !map.isFrame && unusable(map) ? invalidCapability(1) : answer,
    ),
    answers('vspace-number', 'vspace argument', 'counts the vspace as capability 0', (map, answer) =>
      map.isFrame && unusable(map) ? invalidCapability(0) : answer,
    ),
    answers(
      'root-number',
      'ASID of the vspace',
      "another root's ASID is the invoked capability's fault",
      (map, answer) =>
        map.isFrame && !unusable(map) && badRoot(map) && answer === invalidCapability(1)
          ? invalidCapability(0)
          : answer,
    ),
    answers('root-lookup', 'ASID of the vspace', "another root's ASID answers FailedLookup", (map, answer) =>
      map.isFrame && !unusable(map) && badRoot(map) && answer === invalidCapability(1) ? INVALID_ROOT : answer,
    ),
    answers('root-free', 'ASID of the vspace', 'a free ASID answers InvalidCapability 1', (_, answer) =>
      answer === INVALID_ROOT ? invalidCapability(1) : answer,
    ),
    answers(
      'recorded-number',
      'recorded ASID',
      "another vspace's frame is the invoked capability's fault",
      (map, answer) =>
        map.isFrame && !unusable(map) && !badRoot(map) && answer === invalidCapability(1)
          ? invalidCapability(0)
          : answer,
    ),
    answers('argument-number', 'recorded address', 'counts arguments from 1', (_, answer) =>
      (answer & CODE_MASK) === Code.InvalidArgument ? answer + 16 : answer,
    ),
    answers(
      'bits-of-page',
      'level',
      "reports the bits of the page's level, not of where the walk stopped",
      ({ k, size }, answer) => (missing(answer) ? missingCapability(k.shift[k.sizes[size + 1]], false) : answer),
    ),
    answers('bits-one-up', 'level', 'reports the bits of the level above', ({ k }, answer) => {
      if (!missing(answer)) return answer;
      const level = k.shift.indexOf((answer >>> 4) & 0xfff);
      return level > 0 ? missingCapability(k.shift[level - 1], false) : answer;
    }),
    answers('lookup-source', 'level', 'reports the lookup as one of the source', (_, answer) =>
      missing(answer) ? answer | (1 << 19) : answer,
    ),
    answers('level-delete-first', 'level', 'a missing table answers DeleteFirst', (_, answer) =>
      missing(answer) ? Code.DeleteFirst : answer,
    ),
  ];
}

const missing = (answer: number): boolean =>
  (answer & CODE_MASK) === Code.FailedLookup &&
  answer !== INVALID_ROOT &&
  describeOutcome(answer).ret === 'FailedLookup';

function recordMutants(): CheckMutant[] {
  const unequal = 0x5000_0000;
  return [
    asked('record-ignored', 'recorded ASID', 'maps every capability afresh', ({ k, c }, patch) => {
      patch.set(k.caps, c + ASID, 0);
    }),
    asked('record-stale-ignored', 'recorded ASID', 'maps a stale capability afresh', ({ k, c }, patch) => {
      if (isStale(k, c)) patch.set(k.caps, c + ASID, 0);
    }),
    asked(
      'record-only-stale',
      'recorded ASID',
      'takes a capability as mapped only if it is stale',
      ({ k, c }, patch) => {
        if (k.caps[c + ASID] !== 0 && !isStale(k, c)) patch.set(k.caps, c + ASID, 0);
      },
    ),
    asked('record-any', 'recorded ASID', 'takes every mapped capability for a remap', (map, patch) => {
      REPAIRS.recordedAsid(map, patch);
      REPAIRS.recordedAddress(map, patch);
    }),
    asked(
      'record-lo-ignored',
      'recorded address',
      'compares the high half of the recorded address only',
      (map, patch) => {
        const { k, columns, row, c } = map;
        if (k.caps[c + ASID] !== 0) patch.set(k.caps, c + VADDR_LO, columns.vaddrLo[row]);
      },
    ),
    asked(
      'record-hi-ignored',
      'recorded address',
      'compares the low half of the recorded address only',
      (map, patch) => {
        const { k, columns, row, c } = map;
        if (k.caps[c + ASID] !== 0) patch.set(k.caps, c + VADDR_HI, columns.vaddrHi[row]);
      },
    ),
    asked('record-never-here', 'recorded address', 'takes no map for a remap', ({ k, c }, patch) => {
      if (k.caps[c + ASID] !== 0) patch.set(k.caps, c + VADDR_HI, unequal);
    }),
    asked(
      'record-asid-of-other',
      'recorded ASID',
      'takes no mapped capability for one of this vspace',
      ({ k, c }, patch) => {
        if (k.caps[c + ASID] !== 0) patch.set(k.caps, c + ASID, unequal);
      },
    ),
    asked('record-of-fresh', 'recorded ASID', 'takes a fresh capability for a remap', (map, patch) => {
      const { k, c, v } = map;
      if (k.caps[c + ASID] !== 0) return;
      patch.set(k.caps, c + ASID, k.caps[v + ASID]);
      REPAIRS.recordedAddress(map, patch);
    }),
  ];
}

/** Kernels that leave a bit of the recorded address out of the comparison. */
function addressMutants(k: Kernel): CheckMutant[] {
  const lowest = Math.min(...k.arch.sizes.map(({ bits }) => bits));
  return Array.from({ length: k.arch.wordBits - lowest }, (_, n) => n + lowest).map((bit) =>
    asked(
      `record-bit-${bit}`,
      'recorded address',
      `compares the recorded address without bit ${bit}`,
      ({ columns, row, c }, patch) => {
        if (k.caps[c + ASID] === 0) return;
        const [at, asked] = bit < 32 ? [c + VADDR_LO, columns.vaddrLo[row]] : [c + VADDR_HI, columns.vaddrHi[row]];
        const mask = 1 << (bit & 31);
        patch.set(k.caps, at, (k.caps[at] & ~mask) | (asked & mask));
      },
    ),
  );
}

/** What can be wrong with the numbers of one page size. */
function sizeMutants(k: Kernel, index: number): CheckMutant[] {
  const at = index * 8;
  const { bits, level, entries } = k.arch.sizes[index] ?? { bits: 0, level: 0, entries: 0 };
  const mask = k.sizes[at];
  const of = (
    id: string,
    rule: CheckMutant['rule'],
    what: string,
    change: (map: MapRow, patch: Patch) => void,
  ): CheckMutant =>
    asked(`${id}-${bits}`, rule, `2^${bits}: ${what}`, (map, patch) => {
      if (map.size === at) change(map, patch);
    });
  const align = (id: string, what: string, to: number): CheckMutant =>
    of(id, 'alignment', what, (map, patch) => {
      // The limit's sum is the right one: only what counts as misaligned changes.
      const lo = map.columns.vaddrLo[map.row];
      if ((lo & mask) !== 0 && (lo & to) === 0) patch.set(map.columns.vaddrLo, map.row, lo & ~mask);
      else if ((lo & mask) === 0 && (lo & to) !== 0) patch.set(map.columns.vaddrLo, map.row, lo | 1);
    });
  const limit = (id: string, what: string, by: number): CheckMutant =>
    of(id, 'limit', what, (_, patch) => {
      const wide = ((BigInt(k.topHi >>> 0) << 32n) | BigInt(k.topLo >>> 0)) + BigInt(by);
      patch.limit(k, Number(BigInt.asIntN(32, wide >> 32n)), Number(BigInt.asIntN(32, wide)));
    });
  const size = 2 ** bits;
  const found = [
    align('align-half', 'takes a multiple of half the size', mask >>> 1),
    align('align-quarter', 'takes a multiple of a quarter of the size', mask >>> 2),
    align('align-page', 'takes a multiple of 4 KiB', 0xfff),
    align('align-in-page', 'takes any offset in a 4 KiB page', mask & ~0xfff),
    align('align-low-bit', 'ignores the lowest bit', mask & ~1),
    align('align-double', 'wants a multiple of twice the size', (mask << 1) | 1),
    limit('limit-up', 'the limit is a byte higher', 1),
    limit('limit-down', 'the limit is a byte lower', -1),
    limit('limit-page-up', 'the limit is a small page higher', 0x1000),
    limit('limit-page-down', 'the limit is a small page lower', -0x1000),
    limit('limit-size-up', 'compares the first byte', size),
    limit('limit-last-up', 'compares the first byte for the last', size - 1),
    limit('limit-size-down', 'compares the last byte of the page behind', -size),
    of(
      'frame-lo',
      'occupied place',
      'compares the high half of the frame only',
      (_, patch) => void patch.set(k.sizes, at + 3, 0),
    ),
    of(
      'frame-hi',
      'occupied place',
      'compares the low half of the frame only',
      (_, patch) => void patch.set(k.sizes, at + 4, 0),
    ),
  ];
  for (const other of [level - 1, level + 1])
    if (other >= 0 && other <= k.lastLevel)
      found.push(
        of(
          `level-${other}`,
          'level',
          `wants its entry in level ${other}`,
          (_, patch) => void patch.set(k.sizes, at + 1, other),
        ),
      );
  found.push(
    ...[-1, entries].map((next) =>
      answers(
        `neighbour-${next}-${bits}`,
        'occupied place',
        `2^${bits}: looks at the entry ${next < 0 ? 'before' : 'behind'}, too`,
        (map, answer) => {
          if (map.size !== at || !map.isFrame || answer !== OK) return answer;
          const entry = entryAt(k, k.caps[map.v + OBJECT], map.columns, map.row, level);
          return entry >= 0 && k.links[entry + next] < 0 ? Code.DeleteFirst : answer;
        },
      ),
    ),
  );
  if (entries > 1) {
    found.push(
      of(
        'entries-1',
        'occupied place',
        'looks at the first entry only',
        (_, patch) => void patch.set(k.sizes, at + 2, 1).set(k.sizeEntries, index, 1),
      ),
    );
    for (let i = 0; i < entries; i++)
      found.push(
        of(`entry-${i}-table`, 'occupied place', `does not see a table in entry ${i}`, ({ columns, row, v }, patch) => {
          const entry = entryAt(k, k.caps[v + OBJECT], columns, row, level);
          if (entry >= 0 && k.links[entry + i] > 0) patch.set(k.links, entry + i, 0);
        }),
        of(`entry-${i}`, 'occupied place', `does not look at entry ${i}`, ({ columns, row, v }, patch) => {
          const entry = entryAt(k, k.caps[v + OBJECT], columns, row, level);
          if (entry >= 0) patch.set(k.links, entry + i, 0);
        }),
      );
  }
  return found;
}

/** The arena position of the entry that an address leads to, -1 = the walk does not come to that level. */
function entryAt(k: Kernel, root: number, columns: Columns, row: number, level: number): number {
  let table = root;
  for (let l = 0; ; l++) {
    const shift = BigInt(k.shift[l]);
    const vaddr = (BigInt(columns.vaddrHi[row] >>> 0) << 32n) | BigInt(columns.vaddrLo[row] >>> 0);
    const at = k.tableBase[table] + Number((vaddr >> shift) & BigInt(k.indexMask[l]));
    if (l === level) return at;
    if (k.links[at] <= 0) return -1;
    table = k.links[at];
  }
}

/** Kernels with another policy. */
function policyMutants(): CheckMutant[] {
  return (Object.keys(POLICIES) as PolicyName[]).map((name) => ({
    id: `policy-${name}`,
    rule: 'occupied place',
    what: `answers as ${name}`,
    answer: (k, columns, row, _, answer) =>
      columns.op[row] === Op.map ? check(k, columns, row, POLICIES[name]) : answer,
  }));
}
