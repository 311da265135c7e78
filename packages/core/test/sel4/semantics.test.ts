import { describe, expect, it } from 'vitest';
import { Columns, OK, Obj, Op, Policy, Sel4Semantics } from '../../src/index.ts';

/** One-row columns. */
function row(
  fields: Partial<
    Record<'op' | 'obj' | 'bits' | 'cap' | 'src' | 'vspace' | 'n' | 'vaddrLo' | 'rights' | 'attr' | 'paddrLo', number>
  >,
): Columns {
  const columns = new Columns(1);
  for (const [name, value] of Object.entries(fields)) columns[name as keyof typeof fields][0] = value;
  return columns;
}

function run(sel4: Sel4Semantics, columns: Columns): number {
  const outcome = sel4.check(columns, 0, Policy.legacy);
  if (outcome === OK) sel4.perform(columns, 0);
  return outcome;
}

describe('seL4 as a semantics', () => {
  it('shows a supersection as one mapping, and returns to its snapshots and its beginning', () => {
    const sel4 = new Sel4Semantics({ arch: 'aarch32', asidPoolSlot: 1 });
    expect(run(sel4, row({ op: Op.retype, obj: Obj.vspace, cap: 2, n: 1, paddrLo: 0x10000 }))).toBe(OK);
    expect(run(sel4, row({ op: Op.assign, src: 1, vspace: 2 }))).toBe(OK);
    expect(run(sel4, row({ op: Op.retype, obj: Obj.page, bits: 24, cap: 3, n: 1, paddrLo: 0x41000000 }))).toBe(OK);
    const before = sel4.snapshot();
    expect(run(sel4, row({ op: Op.map, cap: 3, vspace: 2, vaddrLo: 0x13000000, rights: 3, attr: 1 }))).toBe(OK);
    expect(sel4.mappings(2)).toEqual([
      { object: 0x41000000n, start: 0x13000000n, end: 0x14000000n, protection: 0x65c06n },
    ]);
    sel4.restore(before);
    expect(sel4.mappings(2)).toEqual([]);
    sel4.reset();
    expect(() => sel4.mappings(2)).toThrow('slot 2 holds no vspace');
  });
});
