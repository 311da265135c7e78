import type { Sel4Counts } from '@overmap/report';
import { addCounts, zeroCounts } from './sel4-counts.ts';

/** The name that a recording gives to its verdict on the whole run: no test. */
export const SUITE = 'suite';

/**
 * Which test an event belongs to: the one whose start mark came last, or after its end mark, until the next start,
 * the test that ended ("cleanup"). The end mark of another test than the one that runs changes nothing; where none
 * runs, it names the clean-up that follows, whether or not its start mark was seen.
 *
 * The rule needs no list of open marks: real recordings have start marks without end, so what lies below the innermost
 * open mark says nothing.
 */
export class TestMarks {
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
    this.test = name;
    this.cleanup = false;
    this.counts = this.countsOf(name);
  }

  /** An end mark. Returns the counts of the test that it names. */
  end(name: string): Sel4Counts {
    const counts = this.countsOf(name);
    if (this.test === name || this.test === null || this.cleanup) {
      this.test = name;
      this.cleanup = true;
      this.counts = counts;
    }
    return counts;
  }

  private countsOf(name: string): Sel4Counts {
    let counts = this.byName.get(name);
    if (counts === undefined) {
      counts = zeroCounts();
      this.byName.set(name, counts);
    }
    return counts;
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
