import { describe, expect, it } from 'vitest';
import { BatchedTraceError } from '../src/index.ts';
import { judge, migrateText, textOf } from './migration.ts';
import { type Line, map, mark, smallWorld, unmap } from './small-trace.ts';

const V = '0x400000';
const W = '0x401000';
const world = (lines: readonly Line[], header: Line = {}): string =>
  textOf([
    {
      trace: 'overmap',
      version: 1,
      system: 'sel4',
      arch: 'aarch64',
      policy: 'legacy',
      config: { asidPool: 1 },
      ...header,
    },
    ...smallWorld('aarch64'),
    ...lines,
  ]);
const copy = (src: number, cap: number): Line => ({ op: 'copy', src, cap, rights: 'rw', ret: 'ok' });
const remove = (cap: number): Line => ({ op: 'delete', cap, ret: 'ok' });

/** The records behind the set-up, shortened: "map 20", "+unmap 20" inserted, ">unmap 20" moved. */
function shape(output: string): string[] {
  return output
    .trimEnd()
    .split('\n')
    .slice(1 + smallWorld('aarch64').length)
    .map((line) => {
      const { op, cap, migrated, name } = JSON.parse(line) as Record<string, unknown>;
      const sign = migrated === 'inserted' ? '+' : migrated === 'moved' ? '>' : migrated === undefined ? '' : '!';
      return `${sign}${String(op)} ${String(cap ?? name)}`;
    });
}

/** Migrate, and expect it to be proven. */
async function migrated(
  lines: readonly Line[],
  to: 'strict' | 'exact' = 'strict',
): Promise<Awaited<ReturnType<typeof migrateText>> & { readonly shape: string[] }> {
  const made = await migrateText(world(lines), { to });
  expect([made.planned.planner.misbehaviour, made.failure]).toEqual([null, null]);
  return { ...made, shape: shape(made.output) };
}

describe('an over-map', () => {
  it('gets an unmap in front of it, in the name of its thread and call site', async () => {
    const site = { file: 'a.c', line: 7, function: 'f' };
    const made = await migrated([map(20, V), map(21, V, { thread: 't', site })]);
    expect(made.shape).toEqual(['map 20', '+unmap 20', 'map 21']);
    expect(made.edited.map((line) => JSON.parse(line) as unknown)).toEqual([
      { op: 'unmap', cap: 20, ret: 'ok', migrated: 'inserted', thread: 't', site },
    ]);
    const { script, notes } = made.planned.planner;
    expect(script).toMatchObject({ inserted: 1, moved: 0, dropped: 0 });
    expect(script.fates).toEqual({ mappedAgain: 0, deleted: 0, unmappedElsewhere: 0, leaked: 1 });
    expect(notes.windows).toMatchObject([
      { rule: 'OM012', severity: 'note', vaddr: V, bits: 12, event: 8, line: 10, related: [{ line: 9 }] },
    ]);
  });

  it('takes the late unmap of the same capability, with all its keys', async () => {
    const site = (line: number): Line => ({ thread: 'x', site: { file: 'a.c', line } });
    const made = await migrated([
      map(20, V, site(1)),
      map(21, V, site(2)),
      mark('t', 'start'),
      unmap(20, { seq: 5, own: [1], ...site(3) }),
    ]);
    expect(made.shape).toEqual(['map 20', '>unmap 20', 'map 21', 'mark t']);
    expect(JSON.parse(made.edited[0] ?? '')).toEqual({
      op: 'unmap',
      cap: 20,
      ret: 'ok',
      seq: 5,
      own: [1],
      thread: 'x',
      site: { file: 'a.c', line: 3 },
      migrated: 'moved',
    });
  });

  it.each<[string, Line[], string[], Line]>([
    ['by another thread', [unmap(20, { thread: 'u' })], ['unmap 20'], { unmappedElsewhere: 1 }],
    ['after it was mapped again', [map(20, V), unmap(20)], ['>unmap 21', 'map 20', 'unmap 20'], { mappedAgain: 1 }],
    [
      'of another capability in its slot',
      [remove(20), copy(21, 20), unmap(20)],
      ['delete 20', 'copy 20', 'unmap 20'],
      { deleted: 1 },
    ],
    [
      'of another capability in its slot, which a revoke had emptied',
      [{ op: 'revoke', cap: 30, ret: 'ok' }, copy(21, 20), unmap(20)],
      ['revoke 30', 'copy 20', 'unmap 20'],
      { deleted: 1 },
    ],
  ])('does not take a late unmap %s', async (_, behind, expected, fates) => {
    const last = expected.includes('>unmap 21') ? [unmap(21)] : [];
    // Slot 20 holds a copy of what Retype made in it.
    const move: Line = { op: 'move', src: 20, cap: 30, ret: 'ok' };
    const made = await migrated([move, copy(30, 20), map(20, V), map(21, V), ...behind, ...last]);
    expect(made.shape).toEqual(['move 30', 'copy 20', 'map 20', '+unmap 20', 'map 21', ...expected]);
    expect(made.planned.planner.script.fates).toMatchObject(fates);
  });

  it('takes a late unmap through the slot into which the capability was moved', async () => {
    const move: Line = { op: 'move', src: 20, cap: 40, ret: 'ok' };
    const made = await migrated([map(20, V), map(21, V), move, unmap(40)]);
    expect(made.shape).toEqual(['map 20', '>unmap 20', 'map 21', 'move 40']);
  });

  it('knows the page by the slot into which its capability was moved or swapped', async () => {
    const move: Line = { op: 'move', src: 20, cap: 40, ret: 'ok' };
    expect((await migrated([map(20, V), move, map(21, V)])).shape).toEqual([
      'map 20',
      'move 40',
      '+unmap 40',
      'map 21',
    ]);
    const swap: Line = { op: 'swap', cap: 20, with: 22, ret: 'ok' };
    expect((await migrated([map(20, V), swap, map(21, V)])).shape).toEqual([
      'map 20',
      'swap 20',
      '+unmap 22',
      'map 21',
    ]);
  });

  it('between capabilities of named CSpaces names the slot as its CSpace does', async () => {
    const text = textOf([
      { trace: 'overmap', version: 1, system: 'sel4', arch: 'x86_64', policy: 'legacy' },
      map(20, V, { cspace: 'a' }),
      { ...copy(20, 7), cspace: 'a' },
      map(7, V, { cspace: 'a', thread: 3 }),
    ]);
    const made = await migrateText(text);
    expect(made.failure).toBeNull();
    expect(made.edited.map((line) => JSON.parse(line) as unknown)).toEqual([
      { op: 'unmap', cap: 20, ret: 'ok', migrated: 'inserted', thread: 3, cspace: 'a' },
    ]);
  });
});

describe('stale records', () => {
  it('that an unmap or deletion would still use: the page goes by its other capability', async () => {
    const made = await migrated([copy(20, 40), map(20, V), map(40, V), unmap(20), unmap(40)]);
    expect(made.shape).toEqual(['copy 40', 'map 20', '>unmap 20', 'map 40', '>unmap 40']);
    const deleted = await migrated([copy(20, 40), map(20, V), map(40, V), remove(20)]);
    expect(deleted.shape).toEqual(['copy 40', 'map 20', '+unmap 20', 'map 40', '+unmap 40', 'delete 20']);
    const revoke: Line = { op: 'revoke', cap: 20, ret: 'ok' };
    const revoked = await migrated([copy(20, 40), copy(20, 41), map(40, V), map(41, V), map(20, V), revoke]);
    expect(revoked.shape.slice(-7)).toEqual([
      'map 40',
      '+unmap 40',
      'map 41',
      '+unmap 41',
      'map 20',
      '+unmap 20',
      'revoke 20',
    ]);
  });

  it('that refused a map: the map goes, since the target would accept it', async () => {
    const refused = map(20, W, { ret: 'InvalidArgument', arg: 0 });
    const made = await migrated([map(20, V), map(21, V), refused, unmap(20), map(20, W)]);
    expect(made.shape).toEqual(['map 20', '>unmap 20', 'map 21', 'map 20']);
    expect(made.output).not.toContain('InvalidArgument');
    expect(made.planned.planner.script).toMatchObject({ moved: 1, dropped: 1 });
  });

  it('that gave another error: the answer is the one of the target', async () => {
    const misaligned: Line = map(20, '0x9000000', { ret: 'InvalidArgument', arg: 0 });
    const made = await migrated([map(20, V), map(21, V), misaligned]);
    expect(made.planned.planner.notes.answersChanged).toBe(1);
    expect(JSON.parse(made.output.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      ret: 'FailedLookup',
      lookup: { type: 'missing_capability' },
    });
    expect(made.output.trimEnd().split('\n').at(-1)).not.toContain('"arg"');
  });

  const tables: Line[] = [
    { op: 'unmap_table', cap: 12, ret: 'ok' },
    { op: 'map_table', cap: 12, vspace: 2, vaddr: V, attr: 0, ret: 'ok' },
  ];

  it('take a place back: strict accepts it, exact needs it empty', async () => {
    const lines = [map(20, V), ...tables, map(21, V), map(20, V)];
    expect((await migrated(lines)).shape.some((line) => /^[+>]/.test(line))).toBe(false);
    const made = await migrated(lines, 'exact');
    expect(made.shape.slice(-3)).toEqual(['map 21', '+unmap 21', 'map 20']);
  });

  it('are refreshed for a policy that let them map afresh', async () => {
    const made = await migrateText(world([map(20, V), ...tables, map(20, W)], { policy: 'permissive-aware' }), {
      to: 'strict',
    });
    expect(made.failure).toBeNull();
    expect(shape(made.output).slice(-2)).toEqual(['+unmap 20', 'map 20']);
    expect(made.planned.planner.notes.windowCount).toBe(0);
    const occupied = world([map(20, V), ...tables, map(21, W), map(20, W)], { policy: 'permissive-aware' });
    const both = await migrateText(occupied, { to: 'exact' });
    expect(both.failure).toBeNull();
    expect(shape(both.output).slice(-4)).toEqual(['map 21', '+unmap 20', '+unmap 21', 'map 20']);
  });

  it('of an ASID that was given to another vspace', async () => {
    const lines: Line[] = [
      map(20, V),
      remove(2),
      { op: 'retype', obj: 'vspace', cap: 2, n: 1, paddr: '0x10200000', ret: 'ok' },
      { op: 'assign', pool: 1, vspace: 2, ret: 'ok' },
      ...[12, 11, 10].map((cap) => ({ op: 'unmap_table', cap, ret: 'ok' })),
      ...[10, 11, 12].map((cap) => ({ op: 'map_table', cap, vspace: 2, vaddr: V, attr: 0, ret: 'ok' })),
      map(21, V),
      map(20, V),
      unmap(21),
    ];
    expect((await migrated(lines)).shape.at(-1)).toBe('unmap 21');
    expect((await migrated(lines, 'exact')).shape.slice(-3)).toEqual(['map 21', '>unmap 21', 'map 20']);
  });
});

describe('what cannot be migrated', () => {
  // Slot 20 is filled anew unseen, so that nothing records the page at V any more.
  const partial = textOf([
    { trace: 'overmap', version: 1, system: 'sel4', arch: 'x86_64', policy: 'legacy' },
    map(20, V),
    map(20, W),
    map(21, V),
    map(22, V),
  ]);

  it('is marked, told with its reason, and taken as recorded; what follows is migrated', async () => {
    const made = await migrateText(partial);
    expect(made.failure).toBeNull();
    const { notes } = made.planned.planner;
    expect(notes.reasons).toEqual({ 'no-holder': 1, refused: 0 });
    expect(notes.unmigratedMaps).toMatchObject([{ line: 4, cap: '21', vaddr: V, bits: 12, reason: 'no-holder' }]);
    expect(notes.unknown).toBe(1);
    const lines = made.output.trimEnd().split('\n');
    expect(lines[0]).toContain('"version":2');
    expect(lines[3]).toContain('"ret":"ok","migrated":"unmigrated"');
    expect(lines[4]).toContain('"op":"unmap","cap":21');
    const again = await migrateText(made.output);
    expect(again.output).toBe(made.output);
    expect(again.planned.planner.notes.reasons).toEqual(notes.reasons);
  });

  it('keeps its stale record where clearing it does not help', async () => {
    const lines: Line[] = [
      { trace: 'overmap', version: 1, system: 'sel4', arch: 'x86_64', policy: 'permissive-aware' },
      map(21, W),
      remove(2),
      map(20, V, { vspace: 3 }),
      map(20, W, { vspace: 3 }),
      map(21, V, { vspace: 3 }),
    ];
    const made = await migrateText(textOf(lines));
    expect(made.failure).toBeNull();
    expect(made.planned.planner.notes.reasons).toEqual({ 'no-holder': 1, refused: 0 });
    expect(made.edited).toHaveLength(1);
    expect(made.edited[0]).toContain('unmigrated');
  });

  it('a recording that its policy does not explain, is refused', async () => {
    const made = await migrateText(world([map(20, V), map(21, V, { ret: 'DeleteFirst' })]));
    expect(made.planned.planner.misbehaviour).toMatchObject({ line: 10, expected: 'ok', recorded: 'DeleteFirst' });
  });

  it('a batched invocation, is refused', async () => {
    const batch: Line = { op: 'batch', kind: 'map', mode: 'prefix', n: 1, ret: 'ok' };
    await expect(migrateText(world([batch, map(20, V, { part: true })], { version: 2 }))).rejects.toThrow(
      BatchedTraceError,
    );
  });
});

describe('the text', () => {
  const lines = [map(20, V), map(21, V), unmap(20)];
  const objects = world(lines).trimEnd().split('\n');

  it('stays as it is where nothing is edited', async () => {
    const clean = world([map(20, V), { x: 1, ...map(22, W) }], { policy: 'strict', y: [2] });
    expect((await migrateText(clean)).output).toBe(clean);
    const odd = clean.replaceAll('{"op"', '{ "op"').replaceAll('\n', '\r\n\r\n');
    expect((await migrateText(odd)).output).toBe(odd);
    const unended = clean.slice(0, -1);
    expect((await migrateText(unended)).output).toBe(unended);
  });

  it('is of version 2 where a record is marked, and keeps its version otherwise', async () => {
    const version = async (text: string): Promise<unknown> => {
      const { output } = await migrateText(text);
      expect((await migrateText(output)).output).toBe(output);
      return (JSON.parse(output.split('\n', 1)[0] ?? '') as Line)['version'];
    };
    expect(await version(world([map(20, V)]))).toBe(1);
    expect(await version(world([map(20, V)], { version: 2 }))).toBe(2);
    expect(await version(world([map(20, V), map(21, V)]))).toBe(2);
    expect(await version(world([map(20, V), map(21, V), unmap(20)]))).toBe(2);
    // A mark of a trace that says version 1 is read and kept.
    const marked = world([map(20, V), unmap(20, { migrated: 'inserted' }), map(21, V)], { policy: 'strict' });
    expect(await version(marked)).toBe(1);
  });

  it('keeps its line ends, and what a log says between records', async () => {
    const log = ['boot', ...objects.map((line) => `[1.2] ${line} tail`), 'halt'].join('\r\n');
    const made = await migrateText(log, { to: 'strict' }, { input: 'a.log', output: 'b.log' });
    expect(made.failure).toBeNull();
    const out = made.output.split('\r\n');
    expect(out).toHaveLength(objects.length + 2);
    expect(out[0]).toBe('boot');
    expect(out[1]).toBe(`[1.2] ${objects[0]?.replace('"version":1', '"version":2').replace('legacy', 'strict')} tail`);
    expect(out.at(-2)).toBe(`[1.2] ${objects.at(-2)} tail`);
    expect(out.at(-3)).toBe('{"op":"unmap","cap":20,"ret":"ok","migrated":"moved"}');
  });

  it('of a log is only its records where the output is none', async () => {
    const log = `boot\n${objects.map((line) => `[1.2] ${line} tail`).join('\n')}\nhalt\n`;
    const made = await migrateText(log, { to: 'strict' }, { input: 'a.log' });
    expect(made.output).toBe((await migrateText(world(lines))).output);
  });

  it('loses malformed lines', async () => {
    const bad = [...objects.slice(0, -2), '{"op":"nonsense"}', ...objects.slice(-2)].join('\n');
    const made = await migrateText(`${bad}\n`);
    expect(made.failure).toBeNull();
    expect(made.output).toBe((await migrateText(world(lines))).output);
  });
});

describe('the proof', () => {
  const original = world([copy(20, 30), map(20, V), map(21, V), unmap(20), map(22, W), unmap(22)]);
  const good = async (): Promise<string[]> => (await migrateText(original)).output.trimEnd().split('\n');
  const judged = (lines: readonly string[]): string | null =>
    judge(original, `${lines.join('\n')}\n`, 'legacy', 'strict')?.message ?? null;

  it('finds what is missing, altered, added or elsewhere', async () => {
    const lines = await good();
    expect(judged(lines)).toBeNull();
    const at = lines.findIndex((line) => line.includes('migrated'));
    const without = (n: number): string[] => lines.filter((_, i) => i !== n);
    const changed = (n: number, from: string, to: string): string[] =>
      lines.map((line, i) => (i === n ? line.replace(from, to) : line));
    expect(judged(without(at))).toMatch(/the target answers DeleteFirst/);
    expect(judged(changed(at, '"cap":20', '"cap":22'))).toMatch(/the target answers DeleteFirst/);
    expect(judged(changed(at, '"op":"unmap"', '"op":"delete"'))).toMatch(/is no unmap/);
    expect(judged(changed(at + 1, '"rights":"rw"', '"rights":"r"'))).toMatch(/missing in the migrated trace/);
    expect(judged(changed(at + 1, '"cap":21', '"cap":23'))).toMatch(/missing in the migrated trace/);
    expect(judged(without(at + 1))).toMatch(/missing in the migrated trace/);
    expect(judged(without(lines.length - 1))).toMatch(/mappings differ|moved away/);
    expect(judged([...lines, ...lines.slice(-1)])).toMatch(/is no record of the original/);
    expect(judged([...without(at), lines[at] ?? ''])).toMatch(/the target answers DeleteFirst/);
    expect(judged([...lines, '{"op":"unmap","cap":21,"ret":"ok","migrated":"inserted"}'])).not.toBeNull();
    // Nothing was moved, but the client's own unmap is gone.
    expect(judged(changed(at, '"moved"', '"inserted"'))).toMatch(/1 unmaps were moved away and 0 put elsewhere/);
    // The page of 21 is away for a while, and back at the end.
    const first = lines.findIndex((line) => line.includes('"op":"map","cap":22'));
    const away = [...lines];
    away.splice(first, 0, '{"op":"unmap","cap":21,"ret":"ok","migrated":"inserted"}');
    away.splice(first + 2, 0, lines[at + 1] ?? '');
    expect(judged(away)).toMatch(/the mappings differ after it: ASID 2, address 0x400000/);
    const swapped = [...lines];
    swapped.splice(-2, 2, lines.at(-1) ?? '', lines.at(-2) ?? '');
    expect(judged(swapped)).not.toBeNull();
    expect(judged(changed(lines.length - 2, '"ret":"ok"', '"ret":"DeleteFirst"'))).toMatch(
      /missing in the migrated trace/,
    );
  });
});
