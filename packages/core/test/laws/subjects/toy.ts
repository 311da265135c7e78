import fc from 'fast-check';
import type { Picture } from '../page-picture.ts';
import { pictureOf } from '../page-picture.ts';
import type { Deviation, LawName, Performed, Running, Subject } from '../subject.ts';
import { ToldPicture } from '../told-picture.ts';

/** Map, unmap or protect pages of the smallest system that there is. */
export interface ToyOperation {
  readonly op: 'map' | 'unmap' | 'protect';
  readonly page: number;
  readonly pages: number;
}

const PAGE = 4096;
let everything = 0;

/** A system of pages, each mapped or not, which refuses to map over anything; or breaks one law on purpose. */
class Toy implements Running<ToyOperation> {
  private pages = new Map<number, number>();
  private readonly record = new ToldPicture();
  private readonly broken: LawName | 'stops' | null;

  constructor(broken: LawName | 'stops' | null) {
    this.broken = broken;
  }

  get heard(): number {
    return this.record.heard;
  }

  spaces(): readonly number[] {
    return [0];
  }

  picture(): Picture {
    const wide = this.broken === 'disjoint' ? 2n : 1n;
    const records = [...this.pages]
      .sort(([a], [b]) => a - b)
      .map(([page, protection]) => ({
        object: 0n,
        start: BigInt(page * PAGE),
        end: (BigInt(page) + wide) * BigInt(PAGE),
        protection: BigInt(protection),
      }));
    return pictureOf(records, () => '');
  }

  told(): Picture {
    return this.record.picture(0);
  }

  state(): string {
    const drift = this.broken === 'deterministic' ? everything : 0;
    return JSON.stringify([[...this.pages].sort(([a], [b]) => a - b), drift]);
  }

  check(operation: ToyOperation): string {
    if (this.broken === 'check') this.pages.set(operation.page, 9);
    return this.answer(operation);
  }

  perform(operation: ToyOperation): Performed {
    everything++;
    const outcome = this.answer(operation);
    const { op, page, pages } = operation;
    const range = { start: page * PAGE, end: (page + pages) * PAGE };
    for (let at = page; at < page + pages; at++) {
      if (outcome === 'ok' || (this.broken === 'failure' && op === 'map')) this.change(op, at);
      else if (this.broken === 'stops' && op === 'protect') {
        if (!this.pages.has(at)) break;
        this.change(op, at);
      }
    }
    const empties = op === 'unmap' ? { empties: { space: 0, range } } : {};
    return { name: op, outcome, space: 0, ranges: [range], ...empties };
  }

  private answer({ op, page, pages }: ToyOperation): string {
    const there = Array.from({ length: pages }, (_, i) => this.pages.has(page + i));
    if (op === 'map') return there.includes(true) ? 'EEXIST' : 'ok';
    return op === 'protect' && there.includes(false) ? 'ENOMEM' : 'ok';
  }

  private change(op: ToyOperation['op'], page: number): void {
    const [start, end] = [page * PAGE, (page + 1) * PAGE];
    if (op === 'unmap') {
      if (this.broken === 'unmap' && page === 3) return;
      this.pages.delete(page);
      if (this.broken !== 'record') this.record.gone(0, start, end);
    } else {
      this.pages.set(page, op === 'map' ? 1 : 2);
      if (op === 'map') this.record.appeared(0, start, end, '', '1');
      else this.record.changed(0, start, end, '2');
    }
  }

  snapshot(): () => void {
    const kept = new Map(this.pages);
    const told = this.record.snapshot();
    return () => {
      this.pages = new Map(kept);
      told();
    };
  }

  reset(): void {
    this.pages = new Map();
    this.record.reset();
  }
}

/** @param broken - the law that it breaks; `stops`: a protect that stops in the middle */
export const toySubject = (
  broken: LawName | 'stops' | null,
  deviations: readonly Deviation[] = [],
): Subject<ToyOperation> => ({
  name: `a toy that breaks ${broken ?? 'nothing'}`,
  operations: fc.array(
    fc.record({
      op: fc.constantFrom('map' as const, 'unmap' as const, 'protect' as const),
      page: fc.nat(6),
      pages: fc.integer({ min: 1, max: 4 }),
    }),
    { maxLength: 20, size: 'max' },
  ),
  start: () => new Toy(broken),
  deviations,
});
