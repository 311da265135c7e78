import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { auditTrace, replayTrace } from '@overmap/migrate';
import type { Finding } from '@overmap/report';
import { symbolizeLog } from '@overmap/trace';
import { describe, expect, it } from 'vitest';
import {
  type Build,
  CONFIGURATIONS,
  type Configuration,
  client,
  compile,
  eventsOf,
  folder,
  run,
  source,
} from './capture-program.ts';
import { commandOf, recordedAs } from './capture-replay.ts';
import { lacks } from './tools.ts';

const recordings = fileURLToPath(new URL('../recordings', import.meta.url));
const lines = readFileSync(source('overmapper.c'), 'utf8').split('\n');
const lineOf = (remark: string): number => lines.findIndex((line) => line.includes(`/* ${remark} */`)) + 1;
const library =
  readFileSync(source('elsewhere.c'), 'utf8')
    .split('\n')
    .findIndex((line) => line.includes('in a library')) + 1;

async function audit(path: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  const sink = { begin: () => {}, finding: (finding: Finding) => void findings.push(finding), end: () => {} };
  const ended = await auditTrace(path, { version: 'test', strictInput: true }, sink);
  expect(ended.badLines).toBe(0);
  return findings;
}

let logs = 0;
/** A log as a serial line gives it: with the other output of a system around the records. */
function logFile(text: string): string {
  const path = join(folder, `serial-${++logs}.log`);
  const noise = text.split('\n').map((line, i) => (i % 3 === 1 ? `[  ${i}.5] ${line}\nbooting, {please} wait` : line));
  writeFileSync(path, `Bootstrapping kernel\n${noise.join('\n')}`);
  return path;
}

const matrix = [
  { language: 'c99', optimise: '-O0' },
  { language: 'c99', optimise: '-O2' },
  { language: 'c++11', optimise: '-O0' },
  { language: 'c++11', optimise: '-O2' },
] as const;

describe.skipIf(lacks('cc', 'g++', 'addr2line'))('a client that over-maps (needs cc, g++, addr2line)', () => {
  const expected = [
    ['overmapper.c', lineOf('direct'), 21],
    ['overmapper.c', lineOf('by name'), 22],
    ['overmapper.c', lineOf('by address'), 23],
    ['overmapper.c', lineOf('in a tail'), 24],
    ['elsewhere.c', library, 25],
  ];
  const found = (findings: readonly Finding[]) =>
    findings
      .filter(({ rule }) => rule === 'OM001')
      .map(({ site, message }) => [
        site?.file.split('/').at(-1),
        site?.line,
        Number(/Mapping capability (\d+)/.exec(message)?.[1]),
      ]);

  it.each([
    ['aarch64', matrix[0]],
    ['aarch32', matrix[1]],
    ['x86_64', matrix[2]],
    ['ia32', matrix[3]],
  ] as const)('on %s is found at its lines, by return address: %o', async (configuration, how) => {
    const program = client({ configuration, ...how, define: ['TABLE_AT_FILE_SCOPE'] }, 'overmapper.c', 'elsewhere.c');
    const log = logFile(run(program).stdout);
    // Without symbols the same are found, at addresses.
    expect(found(await audit(log))).toHaveLength(6);
    let text = '';
    const summary = await symbolizeLog(log, program, (line) => {
      text += line;
    });
    expect(summary).toMatchObject({ sites: 8, placed: 8, unknown: 0 });
    const symbolized = logFile(text);
    expect(found(await audit(symbolized))).toEqual([...expected, ['overmapper.c', lineOf('by a table'), 26]]);
  });

  it.each([matrix[0], matrix[3]])(
    'is found by file and line, and by address where a pointer was called: $language $optimise',
    async (how) => {
      const program = client(
        { configuration: 'aarch64', ...how, define: ['OVERMAP_CAPTURE_SITES=line'] },
        'overmapper.c',
        'elsewhere.c',
      );
      const log = logFile(run(program).stdout);
      const before = found(await audit(log));
      expect(before.filter(([file]) => String(file).endsWith('.c'))).toEqual(
        expected.filter(([, , cap]) => cap !== 22 && cap !== 23),
      );
      expect(before).toHaveLength(5);
      let text = '';
      await symbolizeLog(log, program, (line) => {
        text += line;
      });
      expect(found(await audit(logFile(text)))).toEqual(expected);
    },
  );

  it('has no sites when none are asked for', async () => {
    const program = client(
      { configuration: 'aarch64', language: 'c99', optimise: '-O0', define: ['OVERMAP_CAPTURE_SITES=none'] },
      'overmapper.c',
      'elsewhere.c',
    );
    const { events } = await eventsOf(logFile(run(program).stdout));
    expect(events).toHaveLength(7);
    for (const event of events) expect(event).not.toHaveProperty('site');
  });

  it('is the same object code, without a byte of the recorder, when it is switched off', () => {
    const plain: Build = { configuration: 'aarch64', language: 'c99', optimise: '-O2', include: false };
    const without = readFileSync(compile(plain, ['-c', source('overmapper.c')]));
    const off: Build = { ...plain, include: true, define: ['OVERMAP_CAPTURE=0'] };
    expect(readFileSync(compile(off, ['-c', source('overmapper.c')])).equals(without)).toBe(true);
    const on: Build = { ...plain, include: true };
    expect(readFileSync(compile(on, ['-c', source('overmapper.c')])).length).toBeGreaterThan(without.length);
  });
});

describe.skipIf(lacks('cc', 'g++'))('the recorder (needs cc, g++)', () => {
  const all = Object.keys(CONFIGURATIONS) as Configuration[];
  it.each(all)('compiles for %s: C99 and C++11, weak and inline invocations', (configuration) => {
    const to = ['-c', source('overmapper.c')];
    const build = { configuration, optimise: '-O0' } as const;
    const line: Build = { ...build, language: 'c99', define: ['OVERMAP_CAPTURE_SITES=line'] };
    const none: Build = { ...build, language: 'c++11', define: ['OVERMAP_CAPTURE_SITES=none', 'STANDIN_WEAK'] };
    expect(() => compile(line, to)).not.toThrow();
    expect(() => compile(none, to)).not.toThrow();
  });

  it('reaches files of assembly without harm', () => {
    const path = join(folder, 'nothing.S');
    writeFileSync(path, '.text\n');
    const build: Build = { configuration: 'aarch64', language: 'c99', optimise: '-O0' };
    expect(() => compile(build, ['-c', path])).not.toThrow();
  });

  it('refuses what cannot be, in a sentence', () => {
    const build: Build = { configuration: 'aarch64', language: 'c99', optimise: '-O0' };
    const tried =
      (...define: string[]) =>
      () =>
        compile({ ...build, define }, ['-c', source('overmapper.c')]);
    expect(tried('OVERMAP_CAPTURE_SITES=lines')).toThrow('is address, line or none');
    expect(tried('OVERMAP_CAPTURE_RING=100')).toThrow('at least 2048');
    expect(tried('OVERMAP_CAPTURE_RING=4096', 'OVERMAP_CAPTURE_PUT=f')).toThrow('Give one of');
    expect(tried('OVERMAP_CAPTURE_LOCK=f')).toThrow('go together');
    expect(tried('TABLE_AT_FILE_SCOPE', 'OVERMAP_CAPTURE_SITES=line')).toThrow('constant');
  });

  const details: Build = {
    configuration: 'x86_64',
    language: 'c99',
    optimise: '-O0',
    define: [
      'OVERMAP_CAPTURE_PUT=mapping_put',
      'OVERMAP_CAPTURE_SITES=none',
      'OVERMAP_CAPTURE_LEAF_BITS=10',
      'OVERMAP_CAPTURE_LOCK=my_lock',
      'OVERMAP_CAPTURE_UNLOCK=my_unlock',
      'OVERMAP_CAPTURE_CSPACE=the driver',
      'OVERMAP_CAPTURE_THREAD=7',
      'OVERMAP_CAPTURE_POLICY=strict',
      'OVERMAP_CAPTURE_SOURCE=board "A", release 4',
    ],
  };
  it.each(['c99', 'c++11'] as const)('writes the lines that the guide promises: %s', async (language) => {
    const { stdout } = run(client({ ...details, language }, 'details.c'));
    const { header, events } = await eventsOf(logFile(stdout));
    expect(header).toMatchObject({
      version: 2,
      arch: 'x86_64',
      policy: 'strict',
      config: { hugePage: true, smp: false },
    });
    expect(header?.source).toContain('A');
    const foreign = 40 * 2 ** 32 + 5;
    const own = { thread: 7, cspace: 'the driver' };
    expect(events.map(({ seq: _seq, ...rest }) => rest)).toEqual([
      { op: 'mark', name: 'a "test"', at: 'start' },
      { op: 'copy', src: 20, cap: foreign, rights: 'rwgG', ret: 'ok', ...own },
      { op: 'move', src: foreign, cap: 21, ret: 'ok', ...own },
      { op: 'move', src: 31, cap: 30, ret: 'ok', ...own },
      { op: 'move', src: 32, cap: 31, ret: 'ok', ...own },
      { op: 'retype', obj: 'page', bits: 12, cap: 1027, n: 2, ret: 'ok', ...own },
      { op: 'other', name: 'seL4_X86_Page_MapEPT', cap: 60, vaddr: '0x1000', ret: 'ok', ...own },
      { op: 'other', name: 'seL4_X86_EPTPT_Unmap', cap: 62, ret: 'ok', ...own },
      { op: 'other', name: 'seL4_X86_Page_MapIO', cap: 63, vaddr: '0x2000', ret: 'ok', ...own },
      // The number in the message register is none that a trace can hold.
      {
        op: 'map_table',
        cap: 65,
        vspace: 3,
        vaddr: '0xffffffffffffffff',
        attr: 0,
        ret: 'InvalidArgument',
        ...own,
      },
      { op: 'mark', name: 'a "test"', at: 'end', result: 'failed' },
    ]);
    // 11 calls and 2 marks; each was unlocked.
    expect(/lost (\d+), locks (\d+), depth (\d+)/.exec(stdout)?.slice(2)).toEqual(['13', '0']);
    // The sink's own unmaps, one for each line that was put, and the page above 2^32.
    const puts = stdout.trim().split('\n').length - 1;
    expect(stdout).toContain(`lost ${puts + 1},`);
    expect(stdout).toMatch(/^overmap: not recorded so far: \d+$/m);
  });

  it('keeps whole lines in a ring, and says how many found no room', async () => {
    const program = client(
      { configuration: 'riscv64', language: 'c99', optimise: '-O0', define: ['OVERMAP_CAPTURE_RING=2048'] },
      'ring.c',
    );
    const { stdout, stderr } = run(program);
    const [lost = 0, later = 0, last = 0, calls = 0] = stderr.trim().split('\n').map(Number);
    expect(lost).toBeGreaterThan(50);
    expect(later).toBe(lost);
    expect(stdout).toContain(`overmap: not recorded so far: ${lost}\n`);
    const { events } = await eventsOf(logFile(stdout));
    const caps = events.map((event) => (event.op === 'unmap' ? event.cap : -1));
    // Nothing that found room is missing, and nothing is there twice or torn.
    expect(caps).toHaveLength(calls - last);
    expect(caps.slice(0, 100 - lost)).toEqual(Array.from({ length: 100 - lost }, (_, i) => i + 1));
    expect(caps.slice(100 - lost, 107 - lost)).toEqual([101, 102, 103, 104, 105, 106, 107]);
  });

  it('needs no library: nothing but the kernel is undefined', () => {
    const build: Build = { configuration: 'aarch32', language: 'c99', optimise: '-O2' };
    const object = compile(build, ['-ffreestanding', '-c', source('elsewhere.c')]);
    // The names stand in the object as text; those of C's library and of the compiler's do not.
    const text = readFileSync(object, 'latin1');
    expect(text).toContain('standin_invoke');
    for (const name of ['memcpy', 'memset', 'strlen', 'malloc', '__udiv', 'printf'])
      expect(text).not.toContain(`\0${name}`);
  });
});

/** Where the configuration's kernels were recorded. */
const recorded: readonly (readonly [Configuration, string])[] = [
  ['ia32', 'sel4/ia32/legacy/0001.jsonl.gz'],
  ['x86_64', 'sel4/x86_64/legacy/0001.jsonl.gz'],
  ['x86_64', 'sel4/x86_64/strict/0002.jsonl.gz'],
  ['aarch32', 'sel4/aarch32/legacy/0001.jsonl.gz'],
  ['aarch32hyp', 'sel4/aarch32hyp/legacy/0001.jsonl.gz'],
  ['aarch64', 'sel4/aarch64/legacy/0001.jsonl.gz'],
  ['aarch64hyp', 'sel4/aarch64hyp/strict/0001.jsonl.gz'],
  ['aarch64hyp44', 'sel4/aarch64hyp44/legacy/0001.jsonl.gz'],
  ['riscv32', 'sel4/riscv32/strict/0001.jsonl.gz'],
  ['riscv64', 'sel4/riscv64/strict/0001.jsonl.gz'],
];

describe.skipIf(lacks('cc', 'g++'))(
  'a recording of the kernel, done again by a recorded client (needs cc, g++)',
  () => {
    it.each(recorded)('%s: %s', async (configuration, name) => {
      const original = await eventsOf(join(recordings, name));
      const riscv = configuration.startsWith('riscv');
      const program = client(
        {
          configuration,
          language: 'c99',
          optimise: '-O2',
          define: [
            'OVERMAP_CAPTURE_PUT=careless_put',
            'OVERMAP_CAPTURE_ROOT_TASK=1',
            'STANDIN_ASID_POOL=1',
            `OVERMAP_CAPTURE_POLICY=${original.header?.policy}`,
          ],
        },
        'replayer.c',
      );
      const commands = original.events.map(commandOf).filter((command) => command !== undefined);
      expect(commands.length).toBeGreaterThan(300);
      const log = logFile(run(program, `${commands.join('\n')}\n`).stdout);
      const captured = await eventsOf(log);
      expect(captured.header).toMatchObject({ arch: original.header?.arch, policy: original.header?.policy });
      expect(captured.header?.config.hyp ?? false).toBe(original.header?.config.hyp ?? false);
      expect(captured.header?.config.paBits).toBe(configuration === 'aarch64hyp44' ? 44 : undefined);
      expect(captured.events.map(({ seq: _seq, site: _site, ...rest }) => rest)).toEqual(
        original.events.map((event) => recordedAs(event, riscv)).filter((event) => event !== undefined),
      );
      expect(captured.events.map(({ seq }) => seq)).toEqual(captured.events.map((_, i) => i + 1));
      // And the model agrees with what was captured as it does with the recording.
      const { divergenceCount, report } = await replayTrace(log, { check: true, partial: true });
      expect({ divergenceCount, divergences: report.divergences.slice(0, 3) }).toEqual({
        divergenceCount: 0,
        divergences: [],
      });
    });
  },
);

describe.skipIf(lacks('cc', 'g++'))('a client whose capabilities come from a loader (needs cc, g++)', () => {
  const made = ['retype', 'assign', 'make_pool', 'copy', 'state', 'mark'];
  it.each([
    ['aarch32', 'slice-aarch32-PT0002', 4],
    ['aarch32', 'slice-aarch32-strict-PT0002', 0],
    ['aarch32', 'slice-aarch32-PT0001', 0],
    ['aarch64', 'slice-pr148-aarch64-legacy-PT0012', 1],
    ['x86_64', 'slice-pr148-x86_64-legacy-PT0012', 1],
  ] as const)('%s %s: has the over-maps of the complete trace', async (configuration, name, overmaps) => {
    const path = join(recordings, 'sel4test/slices', `${name}.jsonl.gz`);
    const { header, events } = await eventsOf(path);
    const commands = events
      .filter((event) => !made.includes(event.op) && event.boot !== true && event.synth !== true)
      .map(commandOf)
      .filter((command) => command !== undefined);
    const program = client(
      {
        configuration,
        language: 'c++11',
        optimise: '-O0',
        define: ['OVERMAP_CAPTURE_PUT=careless_put', `OVERMAP_CAPTURE_POLICY=${header?.policy}`],
      },
      'replayer.c',
    );
    const captured = await audit(logFile(run(program, `${commands.join('\n')}\n`).stdout));
    const places = (findings: readonly Finding[]) =>
      findings
        .filter(({ rule }) => rule === 'OM001')
        .map(({ vaddr, message }) => [vaddr, /Mapping capability \d+/.exec(message)?.[0]]);
    const complete = places(await audit(path));
    expect(complete).toHaveLength(overmaps);
    expect(places(captured)).toEqual(complete);
    expect(captured.filter(({ severity }) => severity === 'error')).toHaveLength(overmaps);
  });
});
