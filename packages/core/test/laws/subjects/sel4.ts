import { ASID, CAP_WORDS, CapType, SIZE_MASK, SIZE_SHIFT, TYPE_MASK } from '../../../src/sel4/capability.ts';
import type { EffectSink } from '../../../src/sel4/effects.ts';
import type { Kernel } from '../../../src/sel4/kernel.ts';
import type { MappingRecord } from '../../../src/semantics.ts';
import { Sel4Semantics } from '../../../src/sel4/semantics.ts';
import { CONFIGURATIONS, type Configuration } from '../../sel4/configurations.ts';
import { invocations, layoutOf, prepared, smallWorld } from '../../sel4/small-world.ts';
import { describeOutcome } from '../../../src/sel4/outcome.ts';
import type { PolicyName } from '../../../src/sel4/policy.ts';
import { type Invocation, type World } from '../../sel4/world.ts';
import { byDelta, type Picture, pictureOf } from '../page-picture.ts';
import type { Performed, Running, Subject } from '../subject.ts';

class Sel4 implements Running<Invocation> {
  heard = 0;
  private readonly world: World;
  private readonly began: { readonly back: () => void };
  /** Entries by what was told of them: [lo, hi, link] by position in the arena. */
  private mirror = new Map<number, readonly [number, number, number]>();
  private readonly vspaces: readonly number[];
  /** A retype takes its memory when it is first looked at. */
  private pending: { readonly drawn: Invocation; readonly invocation: Invocation } | null = null;

  constructor(configuration: Configuration, policy: PolicyName) {
    this.world = smallWorld(configuration, policy);
    this.vspaces = layoutOf(configuration).vspaces;
    const { kernel } = this.world;
    for (let at = 0; at < kernel.arenaEnd; at++)
      if (kernel.links[at] !== 0) this.mirror.set(at, [kernel.entryLo[at], kernel.entryHi[at], kernel.links[at]]);
    kernel.sink = this.listener();
    this.began = { back: this.snapshot() };
  }

  private listener(): EffectSink {
    return {
      entryWritten: (at, _table, _index, _oldLo, _oldHi, _oldLink, lo, hi, link) => {
        this.heard++;
        if (link === 0) this.mirror.delete(at);
        else this.mirror.set(at, [lo, hi, link]);
      },
      tableCleared: (_table, at, entries) => {
        this.heard++;
        for (let i = 0; i < entries; i++) this.mirror.delete(at + i);
      },
      // Neither changes a mapping.
      walked: () => {},
      maintained: () => {},
    };
  }

  spaces(): readonly number[] {
    const { caps } = this.world.kernel;
    const roots = [CapType.vspace, CapType.table] as readonly number[];
    return this.vspaces.filter((slot) => roots.includes(caps[slot * CAP_WORDS] & TYPE_MASK));
  }

  picture(space: number): Picture {
    return pictureOf(mappingsOf(this.world.kernel, space), byDelta);
  }

  told(space: number): Picture {
    const { kernel } = this.world;
    const [entryLo, entryHi, links] = [0, 1, 2].map(() => new Int32Array(kernel.links.length));
    for (const [at, [lo, hi, link]] of this.mirror) {
      entryLo[at] = lo;
      entryHi[at] = hi;
      links[at] = link;
    }
    // The same kernel, but for its entries.
    const mirrored: Kernel = Object.assign(Object.create(kernel), { entryLo, entryHi, links });
    return pictureOf(mappingsOf(mirrored, space), byDelta);
  }

  state(): string {
    const k = this.world.kernel;
    let hash = 0x811c_9dc5;
    const add = (words: ArrayLike<number>, end = words.length): void => {
      for (let i = 0; i < end; i++) hash = Math.imul(hash ^ words[i], 0x0100_0193) ^ (hash >>> 15);
    };
    add(k.caps, 64 * CAP_WORDS);
    for (const column of [k.tableBase, k.tableEntries, k.tableRefs, k.tableChildren, k.tableAlive])
      add(column, k.tableCount);
    for (const column of [k.entryLo, k.entryHi, k.links]) add(column, k.arenaEnd);
    for (const column of [k.asidRoots, k.poolIndex, k.asidTable]) add(column);
    add([k.tableCount, k.arenaEnd, k.poolCount, ...k.freeHandles, ...k.freePools]);
    return `${hash}`;
  }

  check(drawn: Invocation): string {
    return describeOutcome(this.world.checkPacked(this.invocationOf(drawn))).ret;
  }

  perform(drawn: Invocation): Performed {
    const invocation = this.invocationOf(drawn);
    const c = (invocation.cap ?? 0) * CAP_WORDS;
    const empties = invocation.op === 'unmap' ? this.mappedBy(c) : undefined;
    const outcome = describeOutcome(this.world.invokePacked(invocation)).ret;
    this.pending = null;
    return {
      name: drawn.op,
      outcome,
      space: drawn.vspace ?? 0,
      ranges: [],
      ...(empties === undefined ? {} : { empties }),
    };
  }

  /** Where a frame capability says that it is mapped, and its frame. */
  private mappedBy(c: number): Performed['empties'] {
    const { caps, sizeBits } = this.world.kernel;
    const records = this.world.records(c / CAP_WORDS);
    if ((caps[c] & TYPE_MASK) !== CapType.frame || records === null) return undefined;
    const space = this.spaces().find((slot) => caps[slot * CAP_WORDS + ASID] === records.asid);
    if (space === undefined) return undefined;
    const start = Number(records.vaddr);
    const end = start + 2 ** sizeBits[(caps[c] >> SIZE_SHIFT) & SIZE_MASK];
    const identity = `${this.world.paddr(c / CAP_WORDS) - records.vaddr}`;
    return { space, range: { start, end }, identity };
  }

  private invocationOf(drawn: Invocation): Invocation {
    if (this.pending?.drawn !== drawn) this.pending = { drawn, invocation: prepared(this.world, drawn) };
    return this.pending.invocation;
  }

  snapshot(): () => void {
    const kept = this.world.kernel.snapshot();
    const mirror = new Map(this.mirror);
    const memory = this.world.memoryMark();
    return () => {
      this.world.kernel.restore(kept);
      this.mirror = new Map(mirror);
      this.world.memoryMark(memory);
    };
  }

  reset(): void {
    this.began.back();
  }
}

/** As the semantics has them, of any kernel. */
function mappingsOf(kernel: Kernel, space: number): MappingRecord[] {
  return Sel4Semantics.prototype.mappings.call({ kernel } as Sel4Semantics, space);
}

const POLICIES_UNDER_LAW: readonly PolicyName[] = ['legacy', 'strict', 'exact', 'permissive-aware'];

export const SEL4_SUBJECTS = CONFIGURATIONS.flatMap((configuration) =>
  POLICIES_UNDER_LAW.map(
    (policy): Subject<Invocation> => ({
      name: `seL4, ${configuration.name}, ${policy}`,
      operations: invocations(configuration, 30),
      start: () => new Sel4(configuration, policy),
      deviations: [],
      runs: 6,
    }),
  ),
);
