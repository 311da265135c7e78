import {
  ASID,
  CAP_WORDS,
  CapType,
  type Columns,
  type Kernel,
  OBJECT,
  Op,
  perform,
  RIGHTS_MASK,
  RIGHTS_SHIFT,
  SIZE_FIELD,
  TYPE_MASK,
  VADDR_HI,
  VADDR_LO,
  walk,
  writesInvalidEntry,
} from '@overmap/core';
import type { PerformMutant, Rule } from './mutant.ts';
import { Patch } from './patch.ts';

type Done = (k: Kernel, columns: Columns, row: number) => void;

/** Kernels that do an operation wrongly. */
export function performMutants(k: Kernel): PerformMutant[] {
  return [...written(k), ...recorded(), ...cleared(k), ...others()];
}

/** Do it right, with something changed before it that is changed back. */
function under(change: (k: Kernel, columns: Columns, row: number, patch: Patch) => void): Done {
  const patch = new Patch();
  return (k, columns, row) => {
    change(k, columns, row, patch);
    perform(k, columns, row);
    patch.undo();
  };
}

const on =
  (op: number, act: Done): Done =>
  (k, columns, row) =>
    columns.op[row] === op ? act(k, columns, row) : perform(k, columns, row);

const capOf = (columns: Columns, row: number): number => columns.cap[row] * CAP_WORDS;
const isFrame = (k: Kernel, c: number): boolean => (k.caps[c] & TYPE_MASK) === CapType.frame;

function mutant(id: string, rule: Rule, what: string, act: Done): PerformMutant {
  return { id, rule, what, perform: act };
}

/** What a map writes. */
function written(kernel: Kernel): PerformMutant[] {
  const writes = (id: string, what: string, act: Done): PerformMutant =>
    mutant(`map-${id}`, 'what a map writes', what, on(Op.map, act));
  const found = [
    writes(
      'rights-of-cap',
      "ignores the capability's rights",
      under((k, columns, row, patch) => {
        const c = capOf(columns, row);
        patch.set(k.caps, c, (k.caps[c] & ~(RIGHTS_MASK << RIGHTS_SHIFT)) | (2 << RIGHTS_SHIFT));
      }),
    ),
    writes(
      'rights-asked',
      'ignores the rights asked for',
      under((_k, columns, row, patch) => void patch.set(columns.rights, row, 3)),
    ),
    writes(
      'write-only',
      'gives read and write for write alone',
      under((_k, columns, row, patch) => {
        if ((columns.rights[row] & 3) === 2) patch.set(columns.rights, row, 3);
      }),
    ),
    writes(
      'grant-reads',
      'takes grant for read',
      under((_k, columns, row, patch) => {
        if ((columns.rights[row] & 4) !== 0) patch.set(columns.rights, row, columns.rights[row] | 1);
      }),
    ),
    writes(
      'read-writes',
      'gives read and write for read alone',
      under((_k, columns, row, patch) => {
        if ((columns.rights[row] & 3) === 1) patch.set(columns.rights, row, columns.rights[row] | 2);
      }),
    ),
    writes(
      'no-rights-read',
      'gives read where no rights are',
      under((_k, columns, row, patch) => {
        if ((columns.rights[row] & 3) === 0) patch.set(columns.rights, row, 1);
      }),
    ),
    writes(
      'invalid',
      'writes no invalid entry',
      under((k, columns, row, patch) => {
        if (writesInvalidEntry(k, capOf(columns, row), columns.rights[row], columns.attr[row]))
          patch.set(columns.rights, row, 1);
      }),
    ),
    writes('nothing', 'writes nothing', (k, columns, row) => {
      const { at, tableBase, atTable } = k;
      perform(k, columns, row);
      const where = at < k.zeros ? tableBase[atTable] + k.atIndex : at;
      for (let i = 0; i < k.sizeEntries[(k.caps[capOf(columns, row)] & SIZE_FIELD) >> 3]; i++) empty(k, where + i);
    }),
    writes('keeps-rights', 'a remap keeps the entry that is there', (k, columns, row) => {
      const { at } = k;
      const before = [k.links[at], k.entryLo[at], k.entryHi[at]] as const;
      perform(k, columns, row);
      if (before[0] < 0) [k.links[at], k.entryLo[at], k.entryHi[at]] = before;
    }),
  ];
  for (const bit of [1, 2, 4])
    found.push(
      writes(
        `attr-${bit}-ignored`,
        `ignores attribute ${bit}`,
        under((_k, columns, row, patch) => void patch.set(columns.attr, row, columns.attr[row] & ~bit)),
      ),
      writes(
        `attr-${bit}-forced`,
        `sets attribute ${bit}`,
        under((_k, columns, row, patch) => void patch.set(columns.attr, row, columns.attr[row] | bit)),
      ),
    );
  for (const [index, size] of kernel.arch.sizes.entries()) {
    if (size.entries === 1) continue;
    for (const n of [1, size.entries - 1])
      found.push(
        writes(
          `entries-${n}-${size.bits}`,
          `2^${size.bits}: writes ${n} of its entries`,
          under((k, columns, row, patch) => {
            if ((k.caps[capOf(columns, row)] & SIZE_FIELD) >> 3 === index) patch.set(k.sizes, index * 8 + 2, n);
          }),
        ),
      );
  }
  return found;
}

function empty(k: Kernel, at: number): void {
  k.links[at] = 0;
  k.entryLo[at] = 0;
  k.entryHi[at] = 0;
}

/** What a map records. */
function recorded(): PerformMutant[] {
  const keeps = (id: string, what: string, words: readonly number[]): PerformMutant =>
    mutant(
      `record-${id}`,
      'what a map records',
      what,
      on(Op.map, (k, columns, row) => {
        const c = capOf(columns, row);
        const before = words.map((word) => k.caps[c + word]);
        perform(k, columns, row);
        words.forEach((word, i) => {
          k.caps[c + word] = before[i] ?? 0;
        });
      }),
    );
  return [
    keeps('asid', 'does not record the ASID', [ASID]),
    keeps('lo', 'does not record the low half of the address', [VADDR_LO]),
    keeps('hi', 'does not record the high half of the address', [VADDR_HI]),
    mutant(
      'record-no-rights',
      'what a map records',
      'records nothing where it writes an invalid entry',
      on(Op.map, (k, columns, row) => {
        const c = capOf(columns, row);
        const invalid = writesInvalidEntry(k, c, columns.rights[row], columns.attr[row]);
        perform(k, columns, row);
        if (invalid) k.caps[c + ASID] = 0;
      }),
    ),
  ];
}

/** What unmaps and deletions clear and forget. */
function cleared(kernel: Kernel): PerformMutant[] {
  const clears = (id: string, what: string, act: Done): PerformMutant =>
    mutant(`unmap-${id}`, 'what an unmap clears', what, on(Op.unmap, act));
  /** The place that the capability records, if the walk comes to its level: its position, or -1. */
  const placeOf = (k: Kernel, c: number): number => {
    const root = k.rootOf(k.caps[c + ASID]);
    const level = k.sizes[(k.caps[c] & SIZE_FIELD) + 1];
    if (k.caps[c + ASID] === 0 || root === 0) return -1;
    walk(k, root, k.caps[c + VADDR_HI], k.caps[c + VADDR_LO], level);
    return k.atLevel === level ? k.at : -1;
  };
  const found = [
    clears('keeps', 'clears nothing', (k, columns, row) => {
      const c = capOf(columns, row);
      k.caps[c + ASID] = 0;
      k.caps[c + VADDR_LO] = 0;
      k.caps[c + VADDR_HI] = 0;
    }),
    clears('any', 'clears whatever page of that level is there', (k, columns, row) => {
      const c = capOf(columns, row);
      const at = placeOf(k, c);
      const entries = k.sizes[(k.caps[c] & SIZE_FIELD) + 2];
      perform(k, columns, row);
      if (at >= 0) for (let i = 0; i < entries; i++) if (k.links[at + i] < 0) empty(k, at + i);
    }),
    clears('any-frame', 'does not compare the frame', (k, columns, row) => {
      const c = capOf(columns, row);
      const at = placeOf(k, c);
      const size = (k.caps[c] & SIZE_FIELD) >> 3;
      const same = at >= 0 && k.links[at] === -(size + 1);
      perform(k, columns, row);
      if (same) for (let i = 0; i < k.sizeEntries[size]; i++) empty(k, at + i);
    }),
    clears('any-size', 'does not compare the size', (k, columns, row) => {
      const c = capOf(columns, row);
      const at = placeOf(k, c);
      const other = at >= 0 && k.links[at] < 0 && k.links[at] !== -((k.caps[c] & SIZE_FIELD) >> 3) - 1;
      perform(k, columns, row);
      if (other) empty(k, at);
    }),
    mutant(
      'unmap-remembers',
      'what an unmap forgets',
      'keeps its record',
      on(Op.unmap, (k, columns, row) => {
        const c = capOf(columns, row);
        const before = k.caps.slice(c, c + 4);
        perform(k, columns, row);
        k.caps.set(before, c);
      }),
    ),
    mutant(
      'unmap-remembers-stale',
      'what an unmap forgets',
      'keeps its record where it cleared nothing',
      on(Op.unmap, (k, columns, row) => {
        const c = capOf(columns, row);
        const before = k.caps.slice(c, c + 4);
        perform(k, columns, row);
        if (k.cleared === 0) k.caps.set(before, c);
      }),
    ),
    mutant(
      'delete-keeps',
      'what an unmap clears',
      'leaves the page of a deleted capability',
      on(Op.delete, (k, columns, row) => {
        const c = capOf(columns, row);
        if (isFrame(k, c)) k.caps[c + ASID] = 0;
        perform(k, columns, row);
      }),
    ),
  ];
  for (const [index, size] of kernel.arch.sizes.entries()) {
    const of = (id: string, what: string, change: (k: Kernel, patch: Patch) => void): void => {
      found.push(
        clears(
          `${id}-${size.bits}`,
          `2^${size.bits}: ${what}`,
          under((k, columns, row, patch) => {
            if ((k.caps[capOf(columns, row)] & SIZE_FIELD) >> 3 === index) change(k, patch);
          }),
        ),
      );
    };
    of('frame-lo', 'compares the high half of the frame only', (k, patch) => void patch.set(k.sizes, index * 8 + 3, 0));
    of('frame-hi', 'compares the low half of the frame only', (k, patch) => void patch.set(k.sizes, index * 8 + 4, 0));
    for (const level of [size.level - 1, size.level + 1])
      if (level >= 0 && level <= kernel.lastLevel)
        of(`level-${level}`, `looks into level ${level}`, (k, patch) => void patch.set(k.sizes, index * 8 + 1, level));
    if (size.entries > 1)
      for (const n of [1, size.entries - 1])
        of(`entries-${n}`, `clears ${n} of its entries`, (k, patch) => void patch.set(k.sizes, index * 8 + 2, n));
  }
  return found;
}

/** Copies, moves, revokes, tables. */
function others(): PerformMutant[] {
  const copied = (id: string, what: string, act: Done): PerformMutant => mutant(`copy-${id}`, 'copies', what, act);
  return [
    copied(
      'keeps-mapping',
      'a copy is mapped like its source',
      on(Op.copy, (k, columns, row) => {
        const from = columns.src[row] * CAP_WORDS;
        const to = capOf(columns, row);
        perform(k, columns, row);
        for (const word of [ASID, VADDR_LO, VADDR_HI]) k.caps[to + word] = k.caps[from + word];
      }),
    ),
    copied(
      'keeps-rights',
      'a copy has all rights of its source',
      on(
        Op.copy,
        under((_k, columns, row, patch) => void patch.set(columns.rights, row, 3)),
      ),
    ),
    copied(
      'unmaps-source',
      'a copy takes the mapping away from its source',
      on(Op.copy, (k, columns, row) => {
        perform(k, columns, row);
        if (isFrame(k, capOf(columns, row))) k.caps[columns.src[row] * CAP_WORDS + ASID] = 0;
      }),
    ),
    copied(
      'move-forgets',
      'a moved capability forgets its mapping',
      on(Op.move, (k, columns, row) => {
        perform(k, columns, row);
        if (isFrame(k, capOf(columns, row))) k.caps[capOf(columns, row) + ASID] = 0;
      }),
    ),
    copied(
      'revoke-nothing',
      'a revoke deletes nothing',
      on(Op.revoke, () => {}),
    ),
    mutant(
      'table-keeps',
      'tables',
      'an unmapped table keeps its entries',
      on(Op.unmap_table, (k, columns, row) => {
        const table = k.caps[capOf(columns, row) + OBJECT];
        const base = k.tableBase[table];
        const end = base + k.tableEntries[table];
        const saved =
          base === 0 ? null : [k.links.slice(base, end), k.entryLo.slice(base, end), k.entryHi.slice(base, end)];
        perform(k, columns, row);
        // Its pages only: a table below it was let go.
        saved?.[0]?.forEach((link, i) => {
          if (link >= 0) return;
          k.links[base + i] = link;
          k.entryLo[base + i] = saved[1]?.[i] ?? 0;
          k.entryHi[base + i] = saved[2]?.[i] ?? 0;
        });
      }),
    ),
  ];
}
