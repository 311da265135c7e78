import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MigratedStrace, migrateStrace } from '../../src/index.ts';
import { editedLine } from '../../src/linux/noreplace/edited-line.ts';
import { NoReplaceProof } from '../../src/linux/noreplace/noreplace-proof.ts';
import { at, auditLog, logFile, mmap } from './strace-log.ts';

interface Migrated {
  readonly ended: MigratedStrace;
  readonly path: string;
  /** null = nothing was written. */
  readonly lines: string[] | null;
}

async function migrate(input: string): Promise<Migrated> {
  // In the folder that goes afterwards; the output itself is not there yet.
  const out = `${logFile('')}.out`;
  const ended = await migrateStrace(input, out, {});
  return { ended, path: out, lines: existsSync(out) ? readFileSync(out, 'latin1').split('\n') : null };
}

const migrateLines = (lines: readonly string[]): Promise<Migrated> => migrate(logFile(lines));
const FIXED = 'MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS';

/** What the original has after its calls, and what the migrated log has. */
async function refused(path: string): Promise<number> {
  const { linux, summary } = await auditLog(path, { linuxTo: 'noreplace' });
  expect(summary.badLines).toBe(0);
  return linux.outcomeChanges;
}

describe('recorded programs', () => {
  const bundled = fileURLToPath(new URL('../../../../recordings/strace/', import.meta.url));
  const given = process.env.OVERMAP_RECORDINGS;
  const folder = given === undefined ? bundled : join(given, 'strace');
  const names = readdirSync(folder).filter((name) => name.endsWith('.strace.gz'));

  it('are there', () => {
    expect(names.length).toBeGreaterThanOrEqual(5);
  });

  it.each(names)('%s: nothing is replaced any more, and all mappings are the same', async (name) => {
    const path = join(folder, name);
    const { linux: before, summary } = await auditLog(path);
    const { ended, path: out } = await migrate(path);
    expect(ended).toMatchObject({ failure: null, interrupted: false, badLines: 0 });
    const { plan } = ended;
    expect(plan.counts.unmigrated).toBe(0);
    expect(plan.counts.noReplace).toBe(before.replacing);
    expect(plan.kinds).toEqual(before.kinds);
    expect(await refused(out)).toBe(0);
    const { linux: after, summary: afterwards } = await auditLog(out);
    expect(after).toMatchObject({
      calls: before.calls + plan.counts.munmaps,
      munmap: before.munmap + plan.counts.munmaps,
      mmap: before.mmap,
      replacing: 0,
      bytesReplaced: 0,
      unseen: before.unseen,
      noReplace: before.noReplace + before.replacing,
    });
    // No unmap was put there that takes away more than there was.
    expect(afterwards.findings['OL007'] ?? 0).toBe(summary.findings['OL007'] ?? 0);
    // Whoever takes the edits back has the input again, byte by byte.
    const original = gunzipSync(readFileSync(path)).toString('latin1').split('\n');
    const written = readFileSync(out, 'latin1').split('\n');
    let next = 0;
    const inserted = written.filter((line) => {
      const known = [line, line.replace('MAP_FIXED_NOREPLACE', 'MAP_FIXED')].includes(original[next] ?? '');
      if (known) next++;
      return !known;
    });
    expect(inserted.filter((line) => !/^\d+ +munmap\(0x[0-9a-f]+, \d+\) += 0$/.test(line))).toEqual([]);
    expect(inserted).toHaveLength(plan.counts.munmaps);
    expect(next).toBe(original.length);
    const again = await migrate(out);
    expect(again.ended.plan.edits.count).toBe(0);
    expect(again.lines).toEqual(written);
  });
});

describe('what is edited', () => {
  it('one unmap for each piece that is live, of what the call overlaps alone', async () => {
    const { ended, lines } = await migrateLines([
      mmap(0, 2),
      mmap(2, 1, { prot: 'PROT_READ' }),
      mmap(5, 4),
      mmap(1, 6, { fixed: true }),
      mmap(20, 1, { fixed: true }),
    ]);
    expect(ended.failure).toBeNull();
    expect(lines).toEqual([
      mmap(0, 2),
      mmap(2, 1, { prot: 'PROT_READ' }),
      mmap(5, 4),
      `1 munmap(${at(1)}, 8192)${' '.repeat(13)} = 0`,
      `1 munmap(${at(5)}, 8192)${' '.repeat(13)} = 0`,
      mmap(1, 6, { fixed: true }).replace('MAP_FIXED', 'MAP_FIXED_NOREPLACE'),
      // Nothing was there, as far as the log shows.
      mmap(20, 1, { fixed: true }),
      '',
    ]);
    expect(ended.plan.windows.map(({ vaddr, length, line }) => ({ vaddr, length, line }))).toEqual([
      { vaddr: at(1), length: 8192, line: 4 },
      { vaddr: at(5), length: 8192, line: 4 },
    ]);
  });

  it('a reservation that is filled: unmapped and mapped, and said to be one', async () => {
    const { ended, lines } = await migrateLines([mmap(0, 64, { prot: 'PROT_NONE' }), mmap(4, 4, { fixed: true })]);
    expect(lines?.[1]).toMatch(/^1 munmap\(0x10004000, 16384\) +=/);
    expect(ended.plan.kinds.overReserved).toBe(1);
    expect(ended.plan.windows[0]?.message).toContain('before there was a reservation (PROT_NONE)');
  });

  it('mremap gets an unmap, and no flag', async () => {
    const move = `1 mremap(${at(0)}, 4096, 4096, MREMAP_MAYMOVE|MREMAP_FIXED, ${at(9)}) = ${at(9)}`;
    const { ended, lines } = await migrateLines([mmap(0, 1), mmap(8, 4), move, mmap(0, 1)]);
    expect(ended).toMatchObject({ failure: null, plan: { counts: { mremaps: 1, noReplace: 0, munmaps: 1 } } });
    expect(lines?.slice(2, 4)).toEqual([expect.stringMatching(/^1 munmap\(0x10009000, 4096\)/), move]);
  });

  it('MAP_SHARED_VALIDATE of a file gets an unmap, and no flag: the kernel would answer EOPNOTSUPP', async () => {
    const flags = 'MAP_SHARED_VALIDATE|MAP_FIXED';
    const call = mmap(0, 1, { fixed: true, flags, fd: '3</a>' });
    const { ended, lines } = await migrateLines([mmap(0, 1), call]);
    expect(ended).toMatchObject({ failure: null, plan: { counts: { keptFlag: 1, noReplace: 0, munmaps: 1 } } });
    expect(lines?.[2]).toBe(call);
  });

  it('the heap, which is live, too', async () => {
    const { ended, lines } = await migrateLines([
      '1 brk(NULL) = 0x10000000',
      '1 brk(0x10008000) = 0x10008000',
      mmap(4, 8, { fixed: true }),
    ]);
    expect(ended.failure).toBeNull();
    expect(lines?.[2]).toMatch(/^1 munmap\(0x10004000, 16384\)/);
    expect(lines?.[3]).toContain('MAP_FIXED_NOREPLACE');
  });

  it('no failed call, and none that did not replace', async () => {
    const lines = [
      mmap(0, 4),
      `1 mmap(${at(0)}, 4096, PROT_READ, ${FIXED}, -1, 0) = -1 ENOMEM (Cannot allocate memory)`,
      `1 mmap(${at(0)}, 4096, PROT_READ, MAP_PRIVATE|MAP_FIXED_NOREPLACE|MAP_ANONYMOUS, -1, 0) = -1 EEXIST (File exists)`,
      `1 mmap(${at(8)}, 4096, PROT_READ, MAP_PRIVATE|MAP_FIXED_NOREPLACE|MAP_ANONYMOUS, -1, 0) = ${at(8)}`,
      'what the program says',
    ];
    const { ended, lines: written } = await migrateLines(lines);
    expect(ended.plan.edits.count).toBe(0);
    expect(written?.slice(0, -1)).toEqual(lines);
  });

  it('a child that was forked keeps what its parent replaces', async () => {
    const { ended } = await migrateLines([
      mmap(0, 4),
      '1 fork() = 2',
      mmap(1, 1, { fixed: true }),
      mmap(0, 4, { fixed: true, pid: 2 }),
      '1 +++ exited with 0 +++',
      '2 +++ exited with 0 +++',
    ]);
    expect(ended).toMatchObject({ failure: null, plan: { counts: { munmaps: 2 } } });
  });
});

describe('interrupted calls', () => {
  const entry = `1 mmap(${at(0)}, 8192, PROT_READ, ${FIXED}, -1, 0 <unfinished ...>`;
  const resumed = `1 <... mmap resumed>) = ${at(0)}`;
  const thread = '1 clone(child_stack=0x1, flags=CLONE_VM|CLONE_THREAD) = 2';

  it('are unmapped in front of the line on which they were entered', async () => {
    const { ended, lines } = await migrateLines([mmap(0, 4), thread, entry, mmap(50, 1, { pid: 2 }), resumed]);
    expect(ended.failure).toBeNull();
    expect(lines?.slice(2, 6)).toEqual([
      expect.stringMatching(/^1 munmap\(0x10000000, 8192\) +=/),
      entry.replace('MAP_FIXED', 'MAP_FIXED_NOREPLACE'),
      mmap(50, 1, { pid: 2 }),
      resumed,
    ]);
    expect(ended.plan.counts.sharedWindows).toBe(1);
    expect(ended.plan.windows[0]?.message).toContain('1 other thread shares the address space');
  });

  it.each([
    ['another thread maps there', mmap(1, 1, { pid: 2, fixed: true }), 1],
    ['another thread protects it', `2 mprotect(${at(0)}, 4096, PROT_NONE) = 0`, 1],
    ['the process forks', '2 fork() = 3', 1],
    ['another thread works elsewhere', `2 mprotect(${at(3)}, 4096, PROT_NONE) = 0`, 0],
  ])('%s meanwhile', async (_, between, left) => {
    const { ended, path } = await migrateLines([mmap(0, 4), thread, entry, between, resumed, '2 getpid() = 2']);
    expect(ended).toMatchObject({ failure: null, plan: { counts: { unmigrated: left } } });
    expect(ended.plan.unmigrated.map(({ line, reason }) => ({ line, reason }))).toEqual(
      left === 0 ? [] : [{ line: 3, reason: 'interrupted' }],
    );
    expect(await refused(path)).toBe(left);
  });

  it('a fork that has not returned may have copied the range', async () => {
    const { ended } = await migrateLines([
      mmap(0, 4),
      thread,
      '2 fork( <unfinished ...>',
      entry,
      mmap(0, 4, { pid: 3, fixed: true }),
      resumed,
      '2 <... fork resumed>) = 3',
    ]);
    expect(ended).toMatchObject({ failure: null, plan: { counts: { unmigrated: 1, noReplace: 1 } } });
  });
});

describe('shapes of lines', () => {
  const edit = { line: 1, bounds: [0x1000, 0x3000], noReplace: true };
  const edited = (line: string): string[] => {
    const done = editedLine(Buffer.from(line, 'latin1'), edit);
    return done === null ? [] : [...done.inserted, done.line].map((bytes) => bytes.toString('latin1'));
  };
  const call = (flags: string, after = ''): string => `mmap(0x1000, 8192, PROT_READ, ${flags}, -1, 0) = 0x1000${after}`;

  it.each([
    ['[pid  12] ', '[pid  12] '],
    ['12:00:01.123456 ', '12:00:01.123456 '],
    ['1795275670.123456 ', '1795275670.123456 '],
    ['7       0.000149 ', '7       0.000000 '],
    ['     0.000149 ', '     0.000000 '],
    ['12:00:01 (+     1.500149) ', '12:00:01 (+     0.000000) '],
    ['[00007f6232663ce7] ', '[00007f6232663ce7] '],
  ])('%j stands in front of the unmap as %j', (prefix, expected) => {
    const [unmap = ''] = edited(`${prefix}${call('MAP_PRIVATE|MAP_FIXED')}\n`);
    expect(unmap.startsWith(`${expected}munmap(0x1000, 8192) `)).toBe(true);
    expect(unmap.endsWith(' = 0\n')).toBe(true);
  });

  it('times of calls and line ends', () => {
    expect(edited(`1 ${call('MAP_FIXED|MAP_SHARED', ' <0.000057>')}\r\n`)).toEqual([
      expect.stringMatching(/^1 munmap\(0x1000, 8192\) += 0 <0\.000000>\r\n$/),
      `1 ${call('MAP_FIXED_NOREPLACE|MAP_SHARED', ' <0.000057>')}\r\n`,
    ]);
    // The last line of a log that was cut off.
    expect(edited(`1 ${call('MAP_FIXED')}`)[0]?.endsWith(' = 0\n')).toBe(true);
  });

  it.each([
    ['0x32', '0x100022'],
    ['0x32 /* MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS */', '0x100022 /* MAP_PRIVATE|MAP_FIXED_NOREPLACE|MAP_ANONYMOUS */'],
    ['MAP_FIXED|MAP_HUGETLB|21<<MAP_HUGE_SHIFT', 'MAP_FIXED_NOREPLACE|MAP_HUGETLB|21<<MAP_HUGE_SHIFT'],
  ])('flags %j become %j', (flags, expected) => {
    expect(edited(`${call(flags)}\n`)[1]).toBe(`${call(expected)}\n`);
  });

  it('a line without the flags cannot be edited', () => {
    expect(edited('1 mmap(0x1000, 8192 <unfinished ...>\n')).toEqual([]);
    expect(edited('1 mmap(0x1000, 8192, PROT_READ, MAP_PRIVATE, -1, 0) = 0x1000\n')).toEqual([]);
  });

  it.each([
    ['numbers', (line: string) => line.replace(FIXED, '0x32').replace('PROT_READ|PROT_WRITE', '0x3')],
    ['numbers with names', (line: string) => line.replace(FIXED, `0x32 /* ${FIXED} */`)],
    ['one process alone', (line: string) => line.replace(/^1 /, '')],
    ['clocks', (line: string) => line.replace(/^1 /, '[pid 1] 12:00:01.000001 ')],
    ['time passed', (line: string) => line.replace(/^1 /, '1      0.000149 ')],
  ])('logs with %s are proven', async (_, shape) => {
    const lines = [mmap(0, 4), mmap(1, 1, { fixed: true }), mmap(0, 2, { fixed: true })].map(shape);
    const { ended, path } = await migrateLines(lines);
    expect(ended).toMatchObject({ failure: null, plan: { counts: { noReplace: 2 } } });
    expect(await refused(path)).toBe(0);
  });
});

describe('the proof', () => {
  const first = `${mmap(0, 4)}\n`;
  const second = `${mmap(1, 2, { fixed: true })}\n`;
  const flagged = second.replace('MAP_FIXED', 'MAP_FIXED_NOREPLACE');
  const unmap = (page: number, pages: number): string => `1 munmap(${at(page)}, ${pages * 4096}) = 0\n`;
  const proof = (inserted: readonly string[], edited: string, unmigrated = 0): string | null => {
    const run = new NoReplaceProof([]);
    const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
    run.line(bytes(first), [], bytes(first));
    run.line(bytes(second), inserted.map(bytes), bytes(edited));
    run.end(unmigrated);
    return run.failure?.message ?? null;
  };

  it('accepts the right edit', () => {
    expect(proof([unmap(1, 2)], flagged)).toBeNull();
    expect(proof([], second, 1)).toBeNull();
  });

  it.each([
    ['no unmap', [], flagged, 'something is mapped where'],
    ['half of an unmap', [unmap(1, 1)], flagged, 'something is mapped where'],
    ['an unmap of more', [unmap(1, 3)], flagged, 'which the call does not fill'],
    ['an unmap elsewhere', [unmap(0, 1), unmap(1, 2)], flagged, 'which the call does not fill'],
    ['nothing at all', [], second, 'would be refused'],
    ['another address', [unmap(1, 2)], flagged.replaceAll(at(1), at(2)), 'its result differs'],
    ['another protection', [unmap(1, 2)], flagged.replace('|PROT_WRITE', ''), 'its prot differs'],
    ['other flags', [unmap(1, 2)], flagged.replace('PRIVATE', 'SHARED'), 'other flags'],
    ['another thread', [unmap(1, 2)], flagged.replace(/^1 /, '2 '), 'its thread differs'],
    ['a call that is gone', [unmap(1, 2)], '1 getpid() = 1\n', 'calls that return here'],
    ['no unmap in front', ['1 getpid() = 1\n'], flagged, 'is not read as an unmap'],
  ])('does not accept %s', (_, inserted, edited, message) => {
    expect(proof(inserted, edited)).toContain(message);
  });
});

describe('any log of three threads in two processes', () => {
  const page = fc.integer({ min: 0, max: 12 });
  const pages = fc.integer({ min: 1, max: 5 });
  const pid = fc.constantFrom(1, 2, 3);
  const PROTS = ['PROT_NONE', 'PROT_READ', 'PROT_READ|PROT_WRITE'];
  const call = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        op: fc.constant('mmap' as const),
        pid,
        page,
        pages,
        prot: fc.constantFrom(...PROTS),
        file: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ op: fc.constant('munmap' as const), pid, page, pages }) },
    { weight: 1, arbitrary: fc.record({ op: fc.constant('mprotect' as const), pid, page, pages }) },
    { weight: 1, arbitrary: fc.record({ op: fc.constant('mremap' as const), pid, page, pages }) },
  );
  const text = (c: typeof call extends fc.Arbitrary<infer T> ? T : never): string => {
    const length = c.pages * 4096;
    switch (c.op) {
      case 'mmap':
        return c.file
          ? mmap(c.page, c.pages, { pid: c.pid, prot: c.prot, fixed: true, flags: 'MAP_SHARED|MAP_FIXED', fd: '3</f>' })
          : mmap(c.page, c.pages, { pid: c.pid, prot: c.prot, fixed: true });
      case 'munmap':
        return `${c.pid} munmap(${at(c.page)}, ${length}) = 0`;
      case 'mprotect':
        return `${c.pid} mprotect(${at(c.page)}, ${length}, PROT_READ) = 0`;
      case 'mremap':
        return `${c.pid} mremap(${at(c.page)}, ${length}, ${length}, MREMAP_MAYMOVE|MREMAP_FIXED, ${at(c.page + 20)}) = ${at(c.page + 20)}`;
    }
  };

  it('is migrated, or says which interrupted calls were left', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(call, fc.nat(3)), { maxLength: 40 }), async (calls) => {
        const lines = ['1 clone(flags=CLONE_VM|CLONE_THREAD) = 2', '1 fork() = 3'];
        // A thread whose call is interrupted is silent until it returns.
        const waiting = new Map<number, { tail: string; left: number }>();
        for (const [c, delay] of calls) {
          for (const [thread, one] of waiting)
            if (thread === c.pid || --one.left <= 0) {
              lines.push(one.tail);
              waiting.delete(thread);
            }
          const whole = text(c);
          const [, head = '', name = '', tail = ''] = /^(\d+ (\w+)\(.*)(\) = .*)$/.exec(whole) ?? [];
          if (delay === 0) lines.push(whole);
          else {
            lines.push(`${head} <unfinished ...>`);
            waiting.set(c.pid, { tail: `${c.pid} <... ${name} resumed>${tail}`, left: delay });
          }
        }
        for (const { tail } of waiting.values()) lines.push(tail);
        const { ended, path } = await migrateLines(lines);
        expect(ended.failure).toBeNull();
        expect(ended.badLines).toBe(0);
        expect(await refused(path)).toBe(ended.plan.counts.unmigratedMmaps);
      }),
      { numRuns: 300 },
    );
  });
});
