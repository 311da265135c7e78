import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';

/** What a figure was measured on. */
export interface Machine {
  /** Model of the processor; empty where the system does not tell. */
  readonly cpu: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  /** "linux 6.1.0 x64". */
  readonly platform: string;
  readonly node: string;
  readonly v8: string;
}

/** Load at the two ends of a run: processes that ran or waited to, averaged over the last minute. */
export interface Load {
  readonly start: number;
  readonly end: number;
  readonly cores: number;
}

/** Load for each core beyond which times are to be doubted. */
const BUSY = 0.7;

/** This machine. */
export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? '',
    cores: availableParallelism(),
    memory: totalmem(),
    platform: `${platform()} ${release()} ${process.arch}`,
    node: process.versions.node,
    v8: process.versions.v8,
  };
}

/** The load average of the last minute; always 0 on Windows, which has none. */
export function loadNow(): number {
  return loadavg()[0];
}

/** A warning when the machine was busy at either end of the run, else undefined. */
export function loadWarning({ start, end, cores }: Load): string | undefined {
  if (Math.max(start, end) <= BUSY * cores) return undefined;
  return `the load was ${start.toFixed(2)} at the start and ${end.toFixed(2)} at the end, on ${cores} cores: something else ran, and times are less certain`;
}

/** What differs between two machines, for people; empty if nothing. */
export function machineDifferences(one: Machine, other: Machine): string[] {
  return (['cpu', 'cores', 'memory', 'platform', 'node', 'v8'] as const)
    .filter((name) => one[name] !== other[name])
    .map((name) => `${name} ${one[name]} and ${other[name]}`);
}
