import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Answer,
  compareScenario,
  type Family,
  parseScenario,
  shippedNames,
  shippedScenario,
  type Step,
  SYSTEMS,
  systemsNamed,
} from '../src/index.ts';
import { answerText } from '../src/answer-text.ts';

const run = (name: string) => compareScenario(shippedScenario(name), SYSTEMS);

/** How one system answered a step, as a cell. @param step - its text, and which of several with the same */
function cell({ steps }: ReturnType<typeof run>, step: string, system: string, nth = 0): string {
  const i = SYSTEMS.findIndex(({ name }) => name === system);
  const found = steps.filter(({ step: { text } }) => text === step)[nth];
  if (found === undefined || i < 0) throw new Error(`no ${step} of ${system}`);
  return answerText(found.answers[i]);
}

/** One system's answer to the last step of a scenario. */
function last(system: string, ...lines: string[]): Answer {
  const systems = systemsNamed(system) ?? [];
  const { steps } = compareScenario(parseScenario(['title: T', 'teaches: L', ...lines].join('\n'), 't'), systems);
  return steps[steps.length - 1].answers[0];
}

// What each system is known for, written down from its specification and not from a run.
describe('the shipped scenarios', () => {
  it('teach something each', () => {
    expect(shippedNames().length).toBeGreaterThanOrEqual(12);
    for (const name of shippedNames()) {
      const { steps, scenario } = run(name);
      expect(scenario.teaches.length, name).toBeGreaterThan(40);
      expect(
        steps.some(({ difference }) => difference !== 'none'),
        name,
      ).toBe(true);
    }
  });

  it('map-over-live', () => {
    const compared = run('map-over-live');
    const over = (system: string): string => cell(compared, 'map over A+0 1 rw as Q', system);
    for (const system of ['sel4-legacy', 'sel4-legacy@x86_64', 'sel4-permissive'])
      expect(over(system)).toBe('ok ↔1 stale 1');
    for (const system of ['sel4-legacy@riscv64', 'sel4-strict', 'sel4-exact', 'sel4-batched'])
      expect(over(system)).toBe('DeleteFirst');
    for (const system of ['linux-fixed', 'pcuabi-default', 'redox-as-is', 'freebsd-pmap-map-delete'])
      expect(over(system)).toBe('ok ↔1 lost 1');
    expect(over('linux-noreplace')).toBe('EEXIST');
  });

  it('protect-across-hole', () => {
    const compared = run('protect-across-hole');
    const protect = (system: string): string => cell(compared, 'protect A+0 6 r', system);
    expect(
      ['linux-fixed', 'pcuabi-default', 'pcuabi-cheribsd', 'freebsd-entry-owned', 'redox-intended'].map(protect),
    ).toEqual(['ENOMEM ~2', 'ENOMEM ~2', 'EPROT', 'ok ~4', 'ok ~4']);
    expect(cell(compared, 'touch A+4 w', 'linux-fixed')).toBe('P+4');
  });

  it('stale-remap tells strict from exact', () => {
    const compared = run('stale-remap');
    const remap = (system: string): string => cell(compared, 'map over A+0 1 rw from X', system);
    expect(['sel4-legacy', 'sel4-strict', 'sel4-exact'].map(remap)).toEqual([
      'ok ↔1 stale 1',
      'ok ↔1 stale 1',
      'DeleteFirst',
    ]);
  });

  it('dead-pointer', () => {
    const compared = run('dead-pointer');
    const said = (step: string, system: string): string => cell(compared, step, system);
    expect(said('map over A+2 1 rw as Q by address', 'pcuabi-default')).toBe('ERESERVATION');
    expect(said('map over A+2 1 rw as R by pointer', 'pcuabi-default')).toBe('ok ↔1 lost 1');
    expect(said('unmap A+0 4', 'pcuabi-default')).toBe('ok −4 lost 4 dead 1');
    expect(said('map over A+0 1 rw as S by pointer', 'pcuabi-default')).toBe('ERESERVATION');
    expect(said('map A+0 1 rw as T by address', 'pcuabi-default')).toBe('ok +1');
    // A range in quarantine is nobody's.
    expect(said('map A+0 1 rw as T by address', 'pcuabi-cheribsd')).toBe('ENOMEM');
  });

  it('key-lost tells the five policies apart', () => {
    const compared = run('key-lost');
    const all = ['every-pmap-remove', 'pmap-remove-swapout', 'pmap-map-delete', 'entry-owned', 'explicit-only'];
    const row = (step: string): string[] => all.map((policy) => cell(compared, step, `freebsd-${policy}`));
    expect(row('swap out')).toEqual(['ok key lost 1', 'ok', 'ok', 'ok', 'ok']);
    expect(row('invalidate A+0 1')).toEqual(['ok key lost 1', 'ok key lost 1', 'ok', 'ok', 'ok']);
    expect(row('map over A+0 1 rw as Q').map((text) => text.replace('ok ↔1 lost 1', '').trim())).toEqual([
      '',
      '',
      'key lost 1',
      'key lost 1',
      'old key 1',
    ]);
    // Memory that nobody has touched has no pages to remove.
    expect(row('map A+4 1 rw as S')).toEqual([
      'ok +1 old key 1',
      'ok +1 old key 1',
      'ok +1 old key 1',
      'ok +1',
      'ok +1 old key 1',
    ]);
  });

  it('refusal-in-the-middle', () => {
    const compared = run('refusal-in-the-middle');
    const map = (system: string): string => cell(compared, 'map A+0 4 rw from X', system);
    expect(['sel4-strict', 'sel4-batched', 'linux-noreplace', 'linux-fixed'].map(map)).toEqual([
      'DeleteFirst +2',
      'DeleteFirst',
      'EEXIST',
      'ok +3 ↔1',
    ]);
  });

  it('moved-before-written shows what was written through the page of zeros, and only as it is', () => {
    const compared = run('moved-before-written');
    expect(cell(compared, 'touch A+0 r', 'redox-as-is')).toBe('P+0 in place of Q+0');
    expect(cell(compared, 'touch A+0 r', 'redox-intended')).toBe('Q+0');
  });

  it('fork-then-map-over: a scheme’s file is not inherited; the parent keeps its page', () => {
    const compared = run('fork-then-map-over');
    expect(cell(compared, 'child: touch A+2 r', 'redox-as-is')).toBe('Segv');
    expect(cell(compared, 'child: touch A+2 r', 'linux-fixed')).toBe('X+0');
    for (const system of ['linux-fixed', 'pcuabi-default', 'redox-as-is', 'freebsd-explicit-only']) {
      expect(cell(compared, 'child: touch A+0 r', system)).toBe('Q+0');
      expect(cell(compared, 'touch A+0 r', system)).toBe('P+0');
    }
  });
});

describe('single answers', () => {
  it('tells where several invocations stopped, and which unmap was dead', () => {
    const taken = ['memory X 4', 'memory Y 1', 'area A 8', 'map A+2 1 rw from Y'];
    expect(last('sel4-strict', ...taken, 'map A+0 4 rw from X')).toMatchObject({
      outcome: { kind: 'refused', error: 'DeleteFirst' },
      note: 'refused at A+2',
    });
    const over = ['memory X 1', 'memory Y 1', 'area A 1', 'map A+0 1 rw from X', 'map over A+0 1 rw from Y'];
    expect(last('sel4-legacy', ...over, 'unmap A+0 1 of X')).toEqual({
      outcome: { kind: 'ok', shows: null },
      effects: [],
      consequences: [],
      note: 'the unmap of X+0 cleared nothing',
    });
  });

  it.each([
    // A page of another size, by architecture; a missing table is the client's to map, one too many is not.
    ['sel4-legacy@aarch64', 'FailedLookup (missing capability, 12 bits left)'],
    ['sel4-legacy@x86_64', 'DeleteFirst'],
    ['sel4-legacy@riscv64', 'FailedLookup (missing capability, 12 bits left)'],
    ['sel4-strict@aarch64', 'FailedLookup (missing capability, 12 bits left)'],
    ['sel4-legacy@ia32', 'DeleteFirst'],
    ['sel4-legacy@aarch32', 'DeleteFirst'],
  ])('%s refuses a large page over a small one', (system, error) => {
    const lines = ['area A 1024', 'map A+3 1 rw as P', 'map over large A+0 rw as L'];
    expect(last(system, ...lines).outcome).toEqual({ kind: 'refused', error });
  });

  it('cannot say what a system lacks', () => {
    const why = (system: string, ...lines: string[]): unknown =>
      last(system, 'area A 4', 'map A+0 1 rw as P', ...lines).outcome;
    expect(why('freebsd-entry-owned', 'move A+0 1 to A+1')).toMatchObject({ kind: 'inexpressible' });
    expect(why('sel4-strict', 'fork')).toMatchObject({ kind: 'inexpressible' });
    expect(why('linux-fixed', 'key A+0 1 3')).toMatchObject({ kind: 'inexpressible' });
    expect(why('sel4-legacy', 'map if free A+1 1 rw as Q')).toMatchObject({ kind: 'inexpressible' });
    expect(why('sel4-strict', 'map if free A+1 1 rw as Q')).toMatchObject({ kind: 'ok' });
  });

  it.each(SYSTEMS.map(({ name }) => name))('%s tells what an unmap and a protect did', (system) => {
    const mapped = ['area A 4', 'map A+0 3 rw as P'];
    const at = 0x1000_1000;
    const page = { process: 0, start: at, end: at + 4096, before: 'P+1' };
    expect(last(system, ...mapped, 'unmap A+1 1').effects).toEqual([{ ...page, kind: 'vanished', after: null }]);
    expect(last(system, ...mapped, 'protect A+1 1 r').effects).toEqual([
      { ...page, kind: 'changed', after: 'P+1', rights: { before: 'rw', after: 'r' } },
    ]);
  });

  const MOVING = SYSTEMS.filter(({ family }) => ['sel4', 'linux', 'redox'].includes(family));
  it.each(MOVING.map(({ name }) => name))('%s tells what a move did', (system) => {
    const [at, to] = [0x1000_1000, 0x1200_1000];
    const moved = last(system, 'area A 4', 'area B 4', 'map A+0 3 rw as P', 'move A+1 1 to B+1');
    expect(moved.outcome).toEqual({ kind: 'ok', shows: null });
    expect(moved.effects).toEqual([
      { process: 0, kind: 'vanished', start: at, end: at + 4096, before: 'P+1', after: null },
      { process: 0, kind: 'appeared', start: to, end: to + 4096, before: null, after: 'P+1' },
    ]);
    expect(moved.consequences).toEqual([]);
  });

  it('closed handles map nothing', () => {
    for (const system of ['linux-fixed', 'pcuabi-default', 'redox-as-is', 'freebsd-entry-owned'])
      expect(last(system, 'memory X 1', 'area A 1', 'delete X', 'map A+0 1 r from X').outcome).toEqual({
        kind: 'refused',
        error: 'EBADF',
      });
    expect(last('sel4-legacy', 'memory X 1', 'area A 1', 'delete X', 'map A+0 1 r from X').outcome).toEqual({
      kind: 'refused',
      error: 'InvalidCapability 0',
    });
  });
});

describe('any steps', () => {
  const place = fc.constantFrom('A', 'B').chain((area) => fc.nat(3).map((page) => `${area}+${page}`));
  const pages = fc.integer({ min: 1, max: 4 });
  const rights = fc.constantFrom('none', 'r', 'rw', 'rx', 'rwx', 'w', 'x');
  const line: fc.Arbitrary<(i: number) => string> = fc.oneof(
    fc
      .record({
        how: fc.constantFrom('', 'over ', 'if free '),
        place,
        pages,
        rights,
        by: fc.constantFrom('', ' by pointer', ' by address'),
      })
      .map(
        ({ how, place: at, pages: n, rights: r, by }) =>
          (i: number) =>
            `map ${how}${at} ${n} ${r} as N${i}${by}`,
      ),
    fc.record({ how: fc.constantFrom('', 'over ', 'if free '), place, rights, of: fc.constantFrom('X', 'Y', 'Z') }).map(
      ({ how, place: at, rights: r, of }) =>
        () =>
          `map ${how}${at} 2 ${r} from ${of}`,
    ),
    fc.record({ place, pages }).map(
      ({ place: at, pages: n }) =>
        () =>
          `unmap ${at} ${n}`,
    ),
    fc.record({ place, of: fc.constantFrom('X', 'Y', 'Z') }).map(
      ({ place: at, of }) =>
        () =>
          `unmap ${at} 2 of ${of}`,
    ),
    fc.record({ place, pages, rights }).map(
      ({ place: at, pages: n, rights: r }) =>
        () =>
          `protect ${at} ${n} ${r}`,
    ),
    fc.record({ place, pages, to: place }).map(
      ({ place: at, pages: n, to }) =>
        () =>
          `move ${at} ${n} to ${to}`,
    ),
    fc.record({ place, access: fc.constantFrom('r', 'w', 'x') }).map(
      ({ place: at, access }) =>
        () =>
          `touch ${at} ${access}`,
    ),
    fc.record({ place, pages, key: fc.nat(15) }).map(
      ({ place: at, pages: n, key }) =>
        () =>
          `key ${at} ${n} ${key}`,
    ),
    fc.record({ place, pages }).map(
      ({ place: at, pages: n }) =>
        () =>
          `invalidate ${at} ${n}`,
    ),
    fc.constantFrom('swap out', 'delete X', 'delete Y', 'drop-table A+0').map((text) => () => text),
  );
  const scenario = fc
    .record({ steps: fc.array(fc.record({ line, child: fc.boolean() }), { maxLength: 14 }), forkAt: fc.nat(14) })
    .map(({ steps, forkAt }) => {
      const lines = steps.map(({ line: write, child }, i) => {
        const text = write(i);
        return child && i >= forkAt && !text.startsWith('delete') ? `child: ${text}` : text;
      });
      lines.splice(Math.min(forkAt, lines.length), 0, 'fork');
      return [
        'title: T',
        'teaches: L',
        'memory X 2',
        'memory Y 2',
        'copy X as Z',
        'area A 8',
        'reserve B 8',
        ...lines,
      ].join('\n');
    });

  /** A touch reaches what effects have told of, and in Redox, where all that is there can be read, all of it. */
  function touched({ action, inChild }: Step, { outcome }: Answer, family: Family, there: Set<string>): string | null {
    if (action.kind !== 'touch' || outcome.kind === 'inexpressible') return null;
    const { area, page } = action.at;
    const address = { A: 0x1000_0000, B: 0x1200_0000 }[area] ?? 0;
    const known = there.has(`${inChild ? 1 : 0} ${address + page * 4096}`);
    if (outcome.kind === 'ok') return known && outcome.shows !== null ? null : 'shows what nobody told of';
    const readable = family === 'redox' && action.access === 'r' && outcome.error === 'Segv';
    return readable && known ? 'does not show what is there' : null;
  }

  it('run on every system, the same each time, and effects fit together', () => {
    fc.assert(
      fc.property(scenario, (text) => {
        const compared = compareScenario(parseScenario(text, 't'), SYSTEMS);
        const again = compareScenario(parseScenario(text, 't'), SYSTEMS);
        expect(again.steps.map(({ answers }) => answers)).toEqual(compared.steps.map(({ answers }) => answers));
        for (const i of SYSTEMS.keys()) {
          const there = new Set<string>();
          for (const { step, answers } of compared.steps) {
            expect(touched(step, answers[i], SYSTEMS[i].family, there)).toBeNull();
            for (const { kind, process, start, end } of answers[i].effects) {
              for (let at = start; at < end; at += 4096) {
                const page = `${process} ${at}`;
                expect({ page, there: there.has(page) }).toEqual({ page, there: kind !== 'appeared' });
                if (kind === 'appeared') there.add(page);
                if (kind === 'vanished') there.delete(page);
              }
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
