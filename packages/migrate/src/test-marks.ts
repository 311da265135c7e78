import type { Sel4Counts } from '@overmap/report';
import { addCounts, zeroCounts } from './sel4-counts.ts';

/** The name that a recording gives to its verdict on the whole run: no test. */
export const SUITE = 'suite';

/**
 * Which test an event belongs to: the innermost open mark, or after an end mark, until the next start, the test that
 * ended ("cleanup"). An end mark closes only its own name.
 */
export class TestMarks {
  private readonly open: string[] = [];
  /** The test that events now belong to, or null. */
  test: string | null = null;
  /** Whether that test has ended. */
  cleanup = false;
  /** The counts of that test. */
  counts: Sel4Counts;
  private readonly byName: Map<string, Sel4Counts> = new Map();
  private readonly outside: Sel4Counts = zeroCounts();

  constructor() {
    this.counts = this.outside;
  }

  /** A start mark. */
  start(name: string): void {
    this.open.push(name);
    // A log may open marks without end; what is needed of them is the innermost few.
    if (this.open.length > 4096) this.open.shift();
    this.enter(name, false);
  }

  /** An end mark. Returns whether that test was open. */
  end(name: string): boolean {
    const at = this.open.lastIndexOf(name);
    if (at < 0) return false;
    this.open.splice(at, 1);
    this.enter(name, true);
    return true;
  }

  private enter(name: string, cleanup: boolean): void {
    this.test = name;
    this.cleanup = cleanup;
    let counts = this.byName.get(name);
    if (counts === undefined) {
      counts = zeroCounts();
      this.byName.set(name, counts);
    }
    this.counts = counts;
  }

  /** The counts of all events, and those of each test. */
  totals(): { all: Sel4Counts; byTest: Record<string, Sel4Counts> } {
    const all = zeroCounts();
    addCounts(all, this.outside);
    const byTest: Record<string, Sel4Counts> = Object.create(null) as Record<string, Sel4Counts>;
    for (const [name, counts] of this.byName) {
      addCounts(all, counts);
      byTest[name] = counts;
    }
    return { all, byTest };
  }
}
