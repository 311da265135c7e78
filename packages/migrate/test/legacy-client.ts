import { CAP_WORDS, describeOutcome, MAPPED, OK, type PolicyName, TYPE_MASK, Why, WHY_NAMES } from '@overmap/core';
import fc from 'fast-check';
import type { Configuration } from '../../core/test/sel4/configurations.ts';
import { invocations, layoutOf, prepared } from '../../core/test/sel4/small-world.ts';
import { type Invocation, POOL, World } from '../../core/test/sel4/world.ts';
import { placeTruth } from '../src/place-truth.ts';
import { hex } from '../src/words.ts';

/*
 * Clients that over-map: random ones, and ones made of what real clients do, on a small world where everything meets.
 */

/** How a client was recorded: the kernel of its policy, with or without what the kernel saw. */
export interface Recorded {
  readonly policy: PolicyName;
  readonly truth: boolean;
}

/** A world that writes down what is invoked. A slot's number in the trace is one less than its dense number. */
class RecordedWorld extends World {
  readonly lines: object[] = [];
  /** Who invokes, and where. */
  who: object = {};
  private readonly truth: boolean;

  constructor(configuration: Configuration, { policy, truth }: Recorded) {
    super(configuration, policy);
    this.truth = truth;
    const config = { ...configuration.config, asidPool: POOL - 1, ...(truth ? { slots: 1000 } : {}) };
    this.lines.push({
      trace: 'overmap',
      version: 1,
      system: 'sel4',
      arch: configuration.arch,
      policy,
      source: 'a random client',
      config: JSON.parse(JSON.stringify(config, (_, v: unknown) => (typeof v === 'bigint' ? Number(v) : v))) as unknown,
    });
  }

  override invokePacked(v: Invocation): number {
    const k = this.kernel;
    const before = this.checkPacked(v) === OK && v.op === 'map' ? placeTruth(k, v.cap ?? 0) : null;
    const mapped = v.op === 'unmap_table' ? k.caps[(v.cap ?? 0) * CAP_WORDS] & MAPPED : 0;
    const outcome = super.invokePacked(v);
    const slot = (dense: number | undefined): number => (dense ?? 0) - 1;
    const vaddr = `0x${(v.vaddr ?? 0n).toString(16)}`;
    const { rights = '', attr = 0 } = v;
    const byOp: Partial<Record<Invocation['op'], object>> = {
      retype: {
        obj: v.obj,
        ...(v.obj === 'page' ? { bits: v.bits } : {}),
        cap: slot(v.cap),
        n: v.n ?? 1,
        ...(outcome === OK ? { paddr: `0x${(v.paddr ?? 0n).toString(16)}` } : {}),
      },
      make_pool: { cap: slot(v.cap) },
      assign: { pool: slot(v.src), vspace: slot(v.vspace) },
      map_table: { cap: slot(v.cap), vspace: slot(v.vspace), vaddr, attr },
      map: { cap: slot(v.cap), vspace: slot(v.vspace), vaddr, rights, attr },
      copy: { src: slot(v.src), cap: slot(v.cap), rights },
      mint: { src: slot(v.src), cap: slot(v.cap), rights, badge: 0 },
      move: { src: slot(v.src), cap: slot(v.cap) },
      swap: { cap: slot(v.cap), with: slot(v.src) },
    };
    const seen: Record<string, unknown> = {};
    if (this.truth && outcome === OK) {
      if (before !== null) {
        // What no rights write on RISC-V is no entry.
        seen['entry'] = hex(k.entryHi[k.at], k.entryLo[k.at]);
        if (before.was !== '') seen['was'] = before.was;
        if (before.replaced !== '') seen['replaced'] = before.replaced;
        if (before.remap) seen['remap'] = true;
        if (before.alias) seen['alias'] = true;
      } else if (v.op === 'unmap' || v.op === 'delete' || (v.op === 'unmap_table' && mapped !== 0)) {
        if (k.cleared >= 0) seen['cleared'] = k.cleared === 1;
        if (k.cleared === 0) {
          seen['why'] = WHY_NAMES[k.clearedWhy];
          if (k.clearedWhy === Why.other_entry) seen['found'] = hex(k.foundHi, k.foundLo);
        }
      }
    }
    this.lines.push({
      op: v.op,
      ...(byOp[v.op] ?? { cap: slot(v.cap) }),
      ...describeOutcome(outcome),
      ...seen,
      ...this.who,
    });
    return outcome;
  }
}

/** The small world of the engine's own tests, written down. */
function begin(c: Configuration, recorded: Recorded): RecordedWorld {
  const w = new RecordedWorld(c, recorded);
  const { vspaces, tables, frames, addresses } = layoutOf(c);
  for (const v of vspaces) {
    w.retype(c.root, 0, v);
    w.must({ op: 'assign', src: POOL, vspace: v });
  }
  [...c.tables, ...c.tables].forEach((obj, i) => w.retype(obj, 0, tables[i]));
  frames.forEach((f, i) => w.retype('page', c.pages[Math.floor(i / 2)].bits, f));
  c.tables.forEach((_, i) => w.must({ op: 'map_table', cap: tables[i], vspace: vspaces[0], vaddr: addresses[0] }));
  return w;
}

const textOf = (w: RecordedWorld): string => w.lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** A trace of random invocations, most of them sensible. */
export const randomTrace = (c: Configuration, recorded: Recorded): fc.Arbitrary<string> =>
  invocations(c, 80).map((all) => {
    const w = begin(c, recorded);
    for (const v of all) {
      // The recorders of the client dialect see no revoke, but the deletions that it makes.
      if (recorded.truth && v.op === 'revoke') continue;
      w.invokePacked(prepared(w, v));
    }
    return textOf(w);
  });

/** What a client may do in one go. */
const EPISODES = [
  'replace',
  'replace',
  'replace and unmap',
  'alias',
  'take back',
  'table away and back',
  'new vspace',
  'revoke',
  'delete',
  'unmap all',
  'move',
  'elsewhere',
  'remap',
] as const;

interface Episode {
  readonly kind: (typeof EPISODES)[number];
  readonly size: number;
  readonly x: number;
  readonly y: number;
  readonly vspace: number;
  readonly rights: string;
  readonly thread: string | number | undefined;
  readonly attr: number;
}

/** A trace of episodes as clients have them: over-maps with and without a late unmap, copies, tables and vspaces that go. */
export function clientTrace(c: Configuration, recorded: Recorded): fc.Arbitrary<string> {
  const { vspaces, tables, frames, spare, addresses } = layoutOf(c);
  const episode: fc.Arbitrary<Episode> = fc.record({
    kind: fc.constantFrom(...EPISODES),
    // Small pages most of the time.
    size: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(c.pages.length - 1) }),
    x: fc.nat(5),
    // Mostly where there are tables and where others are.
    y: fc.oneof(
      { weight: 5, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.nat(addresses.length - 1) },
    ),
    vspace: fc.constantFrom(0, 0, 0, 0, 1),
    rights: fc.constantFrom('rw', 'rw', 'r', ''),
    attr: fc.nat(7),
    thread: fc.constantFrom(undefined, undefined, 'driver', 'server', 7),
  });
  return fc.array(episode, { minLength: 4, maxLength: 20 }).map((episodes) => {
    const w = begin(c, recorded);
    const invoke = (v: Invocation): number => w.invokePacked(v);
    const empty = (slot: number): boolean => (w.word(slot, 0) & TYPE_MASK) === 0;
    for (const { kind, size, x, y, vspace: nth, rights, attr, thread } of episodes) {
      w.who = thread === undefined ? {} : { thread, site: { file: `${kind}.c`, line: x * 10 + y } };
      const vspace = vspaces[nth];
      const [one, other] = [frames[size * 2 + (x & 1)], frames[size * 2 + 1 - (x & 1)]];
      const copy = spare[x % spare.length];
      const vaddr = addresses[y];
      const map = (cap: number): number => invoke({ op: 'map', cap, vspace, vaddr, rights, attr });
      const buildTables = (): void => {
        for (const cap of tables) invoke({ op: 'map_table', cap, vspace, vaddr, attr: 0 });
      };
      switch (kind) {
        case 'replace':
          map(one);
          map(other);
          break;
        case 'replace and unmap':
          map(one);
          map(other);
          invoke({ op: 'unmap', cap: one });
          break;
        case 'alias':
          if (empty(copy)) invoke({ op: 'copy', src: one, cap: copy, rights: 'rw' });
          map(one);
          map(copy);
          if (x > 2) invoke({ op: 'unmap', cap: x > 3 ? one : copy });
          break;
        case 'take back':
          map(one);
          map(other);
          map(one);
          break;
        case 'table away and back':
          map(one);
          for (const cap of [...tables].reverse()) invoke({ op: 'unmap_table', cap });
          buildTables();
          map(x > 2 ? other : one);
          if (x > 2) map(one);
          break;
        case 'new vspace':
          map(one);
          invoke({ op: 'delete', cap: vspace });
          for (const cap of tables) invoke({ op: 'unmap_table', cap });
          invoke({ op: 'retype', obj: c.root, cap: vspace, paddr: w.memory(14) });
          invoke({ op: 'assign', src: POOL, vspace });
          buildTables();
          map(x > 2 ? other : one);
          map(one);
          break;
        case 'revoke':
          if (!recorded.truth) invoke({ op: 'revoke', cap: one });
          break;
        case 'delete':
          invoke({ op: 'delete', cap: copy });
          break;
        case 'unmap all':
          for (const cap of [...frames, ...spare]) invoke({ op: 'unmap', cap });
          break;
        case 'move':
          if (empty(copy)) {
            invoke({ op: 'move', src: one, cap: copy });
            map(copy);
            invoke({ op: 'move', src: copy, cap: one });
          } else invoke({ op: 'swap', cap: copy, src: one });
          break;
        case 'elsewhere':
          // A stale capability is refused at another address: the client unmaps it, and tries again.
          if (map(one) !== OK) {
            invoke({ op: 'unmap', cap: one });
            map(one);
          }
          break;
        case 'remap':
          map(one);
          invoke({ op: 'map', cap: one, vspace, vaddr, rights: 'r', attr });
          break;
        default:
      }
    }
    return textOf(w);
  });
}
