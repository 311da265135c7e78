import type { PolicyName } from '@overmap/core';
import { type TraceEvent, TraceWriter } from '@overmap/trace';
import { BUILDS, type BuildName } from './builds.ts';
import { POOL } from './operation.ts';

/** A trace that was made, not recorded. */
export interface WrittenTrace {
  readonly header: Readonly<Record<string, unknown>>;
  readonly events: readonly TraceEvent[];
}

/** The header of a trace of a build. */
export function headerOf(build: BuildName, policy: PolicyName, source: string): WrittenTrace['header'] {
  const { arch, config } = BUILDS[build];
  return { trace: 'overmap', version: 1, system: 'sel4', arch, policy, source, config: { asidPool: POOL, ...config } };
}

/**
 * Write a trace to a file, which appears when it is complete.
 *
 * @throws OutputError when that fails
 */
export async function writeTrace({ header, events }: WrittenTrace, path: string): Promise<void> {
  const writer = new TraceWriter(path);
  try {
    writer.writeHeader(header);
    for (const event of events) writer.write(event);
    await writer.close();
  } catch (error) {
    writer.abort();
    throw error;
  }
}
