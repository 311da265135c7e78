import { calibrateTimerOverhead, nToMs, type TimestampProvider } from 'tinybench';

/** The time in nanoseconds since whenever; never goes backwards. */
export type Clock = () => bigint;

/** How good a clock is. */
export interface TimerQuality {
  /** Nanoseconds of the grid that the clock's readings lie on. */
  readonly resolutionNs: number;
  /** Nanoseconds that a reading takes, and every sample is too long by; 0 if less than the resolution can tell. */
  readonly overheadNs: number;
}

const READINGS = 1024;

/** A clock as tinybench takes it. */
export function timestamps(clock: Clock): TimestampProvider {
  return {
    name: 'overmap',
    fn: clock,
    toMs: nToMs,
    fromMs: (milliseconds) => BigInt(Math.round(milliseconds * 1e6)),
  };
}

/** Measure a clock: the overhead as tinybench does, the resolution as what divides all steps of readings in a row. */
export function timerQuality(clock: Clock): TimerQuality {
  let grid = 0n;
  let last = clock();
  for (let i = 0; i < READINGS; i++) {
    const now = clock();
    grid = greatestCommonDivisor(grid, now - last);
    last = now;
  }
  return { resolutionNs: Number(grid), overheadNs: calibrateTimerOverhead(timestamps(clock)) * 1e6 };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}
