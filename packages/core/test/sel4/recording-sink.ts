import { type EffectSink, MAINTENANCE_NAMES } from '../../src/sel4/effects.ts';
import type { Kernel } from '../../src/sel4/kernel.ts';

/**
 * A sink that keeps a mirror of the entry arena by the effects that it is told of, and a list of the rest.
 *
 * @throws Error when an effect does not fit what the mirror holds
 */
export class RecordingSink implements EffectSink {
  /** By position: [lo, hi, link]; absent = empty. */
  private readonly mirror = new Map<number, readonly [number, number, number]>();
  /** "cleanEntry 1" and so on, in order. */
  maintenance: string[] = [];
  /** Levels of each walk. */
  walks: number[] = [];
  /** The invoked capability's slot of each entry written. */
  writers: number[] = [];
  cleared: { table: number; entries: number }[] = [];
  private readonly kernel: Kernel;

  /** Listens to a kernel whose arena is empty, from now on. */
  constructor(kernel: Kernel) {
    this.kernel = kernel;
    kernel.sink = this;
  }

  entryWritten(
    at: number,
    table: number,
    index: number,
    oldLo: number,
    oldHi: number,
    oldLink: number,
    newLo: number,
    newHi: number,
    newLink: number,
    cap: number,
  ): void {
    if (this.kernel.tableBase[table] + index !== at) throw new Error(`entry ${at} is not ${index} of table ${table}`);
    const held = this.mirror.get(at) ?? [0, 0, 0];
    if (held[0] !== oldLo || held[1] !== oldHi || held[2] !== oldLink)
      throw new Error(`entry ${at} (table ${table}, ${index}) was ${held}, not ${oldLo},${oldHi},${oldLink}`);
    if (newLink === 0) this.mirror.delete(at);
    else this.mirror.set(at, [newLo, newHi, newLink]);
    this.writers.push(cap);
  }

  tableCleared(table: number, at: number, entries: number): void {
    for (let i = 0; i < entries; i++) this.mirror.delete(at + i);
    this.cleared.push({ table, entries });
  }

  walked(levels: number): void {
    this.walks.push(levels);
  }

  maintained(kind: number, count: number): void {
    this.maintenance.push(`${MAINTENANCE_NAMES[kind]} ${count}`);
  }

  /** Forget what happened, and keep the mirror. */
  forget(): void {
    this.maintenance = [];
    this.walks = [];
    this.writers = [];
    this.cleared = [];
  }

  /** The first entry of the arena that the effects do not account for, or null. */
  unexplained(): string | null {
    const k = this.kernel;
    let live = 0;
    for (let at = 0; at < k.arenaEnd; at++) {
      const link = k.links[at];
      if (link === 0 && k.entryLo[at] === 0 && k.entryHi[at] === 0) continue;
      live++;
      const held = this.mirror.get(at);
      if (held === undefined || held[0] !== k.entryLo[at] || held[1] !== k.entryHi[at] || held[2] !== link)
        return `entry ${at}: ${held}`;
    }
    return live === this.mirror.size ? null : `${this.mirror.size} entries told of, ${live} there`;
  }
}
