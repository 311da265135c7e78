import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type Columns, type Follower, isStale, ASID, CAP_WORDS, CapType, TYPE_MASK, visitEntries } from '@overmap/core';
import { auditTrace } from '@overmap/migrate';
import type { AuditWriter } from '@overmap/report';
import { afterAll, describe, expect, it } from 'vitest';
import { Sel4Replay } from '../src/browser/explore/sel4-replay.ts';
import { gather } from '../src/explorer/gather.ts';
import { pageBytes } from '../src/explorer/page-bytes.ts';
import { type PageHead, STALE_KEYS } from '../src/page-format/explore/page-data.ts';
import { readTable, splitSections } from '../src/page-format/explore/sections.ts';

const slices = fileURLToPath(new URL('../../../recordings/sel4test/slices/', import.meta.url));

/** Everything that can be seen of a state: all pages and tables of all roots, and all capabilities with their staleness. */
function seen(follower: Follower): { entries: string[]; caps: string[]; stale: number[] } {
  const k = follower.kernel;
  const entries: string[] = [];
  for (const [asid, root] of k.asidRoots.entries())
    if (root !== 0) visitEntries(k, root, (...entry) => entries.push(`${asid}: ${entry.slice(0, 5).join(' ')}`));
  const caps: string[] = [];
  const stale: number[] = [];
  for (let slot = 1; slot < k.slotLimit; slot++) {
    const c = slot * CAP_WORDS;
    if (k.caps[c] === 0) continue;
    caps.push(`${slot}: ${k.caps.subarray(c, c + CAP_WORDS).join(' ')}`);
    if ((k.caps[c] & TYPE_MASK) === CapType.frame && k.caps[c + ASID] !== 0 && isStale(k, c)) stale.push(slot);
  }
  return { entries, caps, stale };
}

/** The states that the audit of the whole trace passes through, before some of its events. */
async function truth(path: string, at: (event: number) => boolean): Promise<Map<number, ReturnType<typeof seen>>> {
  const states = new Map<number, ReturnType<typeof seen>>();
  let follower: Follower | undefined;
  const writer: AuditWriter = { begin() {}, finding() {}, end() {} };
  await auditTrace(
    path,
    {
      version: 'test',
      observer: {
        begins: (_header, driven) => {
          follower = driven;
        },
        row: (columns: Columns, i) => {
          const event = columns.event[i];
          if (follower !== undefined && at(event)) states.set(event, seen(follower));
        },
        called() {},
      },
    },
    writer,
  );
  return states;
}

/** The page's own engine, and by row which event it has. */
async function opened(
  path: string,
  most: number,
): Promise<{ head: PageHead; replay: Sel4Replay; sections: Uint8Array[] }> {
  const { head: told, bytes } = pageBytes(path, await gather(path, { version: 'test', most }));
  const { head, sections } = splitSections(bytes);
  expect(head).toEqual(told);
  const [rows, , , jumps] = sections;
  if (told.system !== 'sel4' || rows === undefined || jumps === undefined) throw new Error('no seL4 trace');
  return { head: told, replay: new Sel4Replay(told, rows, jumps), sections };
}

const cases = [
  'slice-aarch32-PT0002.jsonl.gz',
  'slice-aarch64-VSPACE0001.jsonl.gz',
  'slice-pr148-riscv64-legacy-PT0011.jsonl.gz',
  'slice-x86_64-SERSERV_CLI_PROC_001.jsonl.gz',
].map((name) => slices + name);

const folder = mkdtempSync(join(tmpdir(), 'overmap-explore-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The same trace as a component would record it: nothing was seen being made, and no addresses are known. */
function partial(path: string): string {
  const [header = '', ...lines] = gunzipSync(readFileSync(path)).toString().trim().split('\n');
  const seen = lines.filter((line) => !/"op":"(?:retype|assign|make_pool|state)"/.test(line));
  const file = join(folder, 'partial.jsonl');
  writeFileSync(file, [header, ...seen].map((line) => `${line}\n`).join(''));
  return file;
}

describe.each([...cases, partial(cases[0] ?? '')])('the state in a page of %s', (path) => {
  it.each([100_000, 700])(
    'is that of the whole trace at every event that is shown, with at most %i events',
    async (most) => {
      const { head, replay } = await opened(path, most);
      expect(replay.rows).toBe(head.shown);
      expect(head.shown < head.events).toBe(most === 700);
      const { event } = replay.columns;
      const step = Math.max(1, Math.floor(replay.rows / 40));
      const rows = Array.from({ length: replay.rows }, (_, row) => row).filter(
        (row) => row % step === 0 || event[row] - 1 !== event[row - 1],
      );
      const wanted = new Set(rows.map((row) => event[row]));
      const states = await truth(path, (at) => wanted.has(at));
      // Forwards, backwards and to and fro.
      const shuffled = rows.toSorted((a, b) => ((a * 7919) % 1009) - ((b * 7919) % 1009));
      for (const row of [...rows, ...rows.toReversed(), ...shuffled]) {
        replay.seek(row);
        expect(seen(replay.follower), `event ${event[row]}`).toEqual(states.get(event[row]));
      }
    },
  );
});

describe.each(cases)('stale capabilities of %s', (path) => {
  it('are told exactly when they are stale', async () => {
    const { head, replay, sections } = await opened(path, 100_000);
    const table = readTable(STALE_KEYS, sections[2] ?? new Uint8Array(0));
    const told = new Map<number, number[]>();
    const { event } = replay.columns;
    for (const [n, slot] of table.slot.entries())
      for (let at = table.from[n] ?? 0; at < (table.to[n] ?? 0); at++) told.set(at, [...(told.get(at) ?? []), slot]);
    let any = 0;
    // Most stale times are short: look where they are told to begin and end, and around what the audit has found.
    const edges = [...table.from, ...table.to].flatMap((at) => [at - 1, at]);
    const found = head.findings.flatMap(({ event: at }) => [at - 2, at - 1, at, at + 1, at + 2]);
    const near = new Set([...edges, ...found]);
    for (let row = 0; row < replay.rows; row++) {
      if (row % 23 !== 0 && !near.has(event[row])) continue;
      replay.seek(row + 1);
      const { stale } = lightly(replay.follower);
      any += stale.length;
      const said = (told.get(event[row]) ?? []).toSorted((a, b) => a - b);
      expect(said, `after event ${event[row]}`).toEqual(stale);
    }
    expect(any).toBeGreaterThan(0);
  });
});

function lightly(follower: Follower): { stale: number[] } {
  const k = follower.kernel;
  const stale: number[] = [];
  for (let slot = 1; slot < k.slotLimit; slot++) {
    const c = slot * CAP_WORDS;
    if ((k.caps[c] & TYPE_MASK) === CapType.frame && k.caps[c + ASID] !== 0 && isStale(k, c)) stale.push(slot);
  }
  return { stale };
}
