import type { TraceEvent } from './event.ts';

/** The recorders' key order. */
const KEYS =
  'op name at result kind mode obj bits pool src cap with via n vspace vaddr rights badge attr root entries tables ret arg min max lookup avail asid entry was replaced remap alias wasValid cleared why found boot synth assume part migrated seq thread cspace site'.split(
    ' ',
  );
/** Where `paddr` stands: an argument of retype, a result of address. */
const PADDR_BEFORE = { retype: 'ret', address: 'asid' } as const;

/**
 * An event as a line of a trace, in the recorders' key order.
 *
 * @param event - an event; keys that the format does not know are left out
 * @returns one line of JSON without its newline
 */
export function formatEvent(event: TraceEvent): string {
  const all: Readonly<Record<string, unknown>> = { ...event };
  const paddrBefore = event.op === 'retype' || event.op === 'address' ? PADDR_BEFORE[event.op] : '';
  let line = '';
  for (const key of KEYS) {
    if (key === paddrBefore && all['paddr'] !== undefined) line += `,"paddr":${JSON.stringify(all['paddr'])}`;
    const value = all[key];
    if (value !== undefined) line += `,"${key}":${JSON.stringify(value)}`;
  }
  return `{${line.slice(1)}}`;
}
