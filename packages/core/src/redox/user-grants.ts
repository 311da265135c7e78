import { RangeMap } from '../range-map.ts';
import { KernelPanic } from './errors.ts';
import { canMerge, type Grant } from './grant.ts';
import { Holes } from './holes.ts';
import { type PageSpan, spanEnd, USER_END_PAGE } from './page-span.ts';

/** The grants of an address space, in order of their pages, and the holes between them. */
export class UserGrants {
  /** Ranges of pages; the id is the grant's place in `table`. */
  private readonly ranges = new RangeMap();
  private table: (Grant | null)[] = [];
  private unused: number[] = [];
  private gaps = new Holes({ base: 0, count: USER_END_PAGE });
  private readonly cursor = this.ranges.cursor();

  get count(): number {
    return this.ranges.count;
  }

  /** All grants, upward. */
  list(): Grant[] {
    const grants: Grant[] = [];
    this.ranges.forEach((_start, _end, id) => grants.push(this.grant(id)));
    return grants;
  }

  /** All holes, upward. */
  holes(): PageSpan[] {
    return this.gaps.list();
  }

  /** The grant that holds a page. */
  containing(page: number): Grant | null {
    const id = this.ranges.find(page);
    return id < 0 ? null : this.grant(id);
  }

  /** The first grant with pages of a span. An empty span conflicts with none. */
  firstConflict(span: PageSpan): Grant | null {
    const at = this.cursor;
    return span.count > 0 && at.seek(span.base) && at.start < spanEnd(span) ? this.grant(at.id) : null;
  }

  /** The grants with pages of a span, upward. */
  conflicts(span: PageSpan): Grant[] {
    const grants: Grant[] = [];
    const at = this.cursor;
    if (span.count === 0 || !at.seek(span.base)) return grants;
    do {
      if (at.start >= spanEnd(span)) break;
      grants.push(this.grant(at.id));
    } while (at.next());
    return grants;
  }

  /** Where `count` pages have room at or above page `min`, best fit. @returns the first page, or -1 */
  findFree(min: number, count: number): number {
    return this.gaps.find(min, count);
  }

  /** Put a grant in; it becomes one with neighbours that are like it. @throws KernelPanic when others are in the way */
  insert(grant: Grant): void {
    if (this.firstConflict(grant) !== null) throw new KernelPanic('a grant was inserted over another');
    this.gaps.reserve(grant);
    let whole = grant;
    const lower = grant.base === 0 ? null : this.containing(grant.base - 1);
    if (lower !== null && canMerge(lower, grant)) {
      this.take(lower);
      whole = { ...whole, base: lower.base, count: lower.count + whole.count };
    }
    const upper = this.containing(spanEnd(grant));
    if (upper !== null && canMerge(whole, upper)) {
      this.take(upper);
      whole = { ...whole, count: whole.count + upper.count };
    }
    const id = this.unused.pop() ?? this.table.length;
    this.table[id] = whole;
    this.ranges.insert(whole.base, spanEnd(whole), id);
  }

  /** Take out the whole grant that holds a page; its span is a hole then. */
  removeContaining(page: number): Grant | null {
    const grant = this.containing(page);
    if (grant === null) return null;
    this.take(grant);
    this.gaps.release(grant);
    return grant;
  }

  /** Let a grant be another one at the same pages. */
  replace(grant: Grant): void {
    const id = this.ranges.find(grant.base);
    if (id >= 0) this.table[id] = grant;
  }

  /** Take over the grants and holes of others. @param change - makes of each grant the one to have */
  copyFrom(others: UserGrants, change: (grant: Grant) => Grant): void {
    this.ranges.empty();
    others.ranges.forEach((start, end, id) => this.ranges.insert(start, end, id));
    this.table = others.table.map((grant) => (grant === null ? null : change(grant)));
    this.unused = [...others.unused];
    this.gaps = others.gaps.clone();
  }

  private grant(id: number): Grant {
    const grant = this.table[id];
    if (grant === null || grant === undefined) throw new RangeError(`no grant has the number ${id}`);
    return grant;
  }

  /** Take a grant out and leave the holes alone. */
  private take(grant: Grant): void {
    const id = this.ranges.remove(grant.base);
    this.table[id] = null;
    this.unused.push(id);
  }
}
