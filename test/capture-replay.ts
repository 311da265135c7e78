import type { TraceEvent } from '@overmap/trace';

const ERRORS = [
  'ok',
  'InvalidArgument',
  'InvalidCapability',
  'IllegalOperation',
  'RangeError',
  'AlignmentError',
  'FailedLookup',
  'TruncatedMessage',
  'DeleteFirst',
  'RevokeFirst',
  'NotEnoughMemory',
];
const LOOKUPS = ['', 'invalid_root', 'missing_capability', 'depth_mismatch', 'guard_mismatch'];
/** What the recorder leaves out when it failed: its failure changes nothing that is modelled. */
const QUIET = ['retype', 'copy', 'mint', 'move', 'swap', 'delete', 'revoke'];

const hex = (value: string | number): string => (typeof value === 'number' ? value.toString(16) : value.slice(2));
const rights = (letters: string): string =>
  hex(
    (letters.includes('w') ? 1 : 0) |
      (letters.includes('r') ? 2 : 0) |
      (letters.includes('g') ? 4 : 0) |
      (letters.includes('G') ? 8 : 0),
  );

/** The message registers that the kernel leaves. */
function registers(event: TraceEvent): number[] {
  if ('arg' in event) return [event.arg ?? 0];
  if ('min' in event) return [event.min ?? 0, event.max ?? 0];
  if ('avail' in event) return [event.avail ?? 0];
  if (!('lookup' in event) || event.lookup === undefined) return [];
  const { failedForSource, type } = event.lookup;
  const bits = 'bits' in event.lookup ? event.lookup.bits : 0;
  return [failedForSource ? 1 : 0, LOOKUPS.indexOf(type), bits ?? 0];
}

/** A recorded event as a line for replayer.c; undefined for what a client does not invoke. */
export function commandOf(event: TraceEvent): string | undefined {
  const answer = (): string => {
    const five = [...registers(event), 0, 0, 0, 0, 0].slice(0, 5).map(hex);
    const paddr = event.op === 'address' ? (event.paddr ?? '0x0') : '0x0';
    const ret = 'ret' in event ? (event.ret ?? 'ok') : 'ok';
    return [hex(ERRORS.indexOf(ret)), ...five, hex(paddr)].join(' ');
  };
  const words = (...list: (string | number)[]): string =>
    [event.op, ...list.map((word) => (typeof word === 'number' ? hex(word) : word)), answer()].join(' ');
  switch (event.op) {
    case 'map':
      return words(event.cap, event.vspace, hex(event.vaddr), rights(event.rights), event.attr);
    case 'map_table':
      return words(event.cap, event.vspace, hex(event.vaddr), event.attr);
    case 'unmap':
    case 'unmap_table':
    case 'address':
    case 'delete':
    case 'revoke':
      return words(event.cap);
    case 'copy':
      return words(event.src, event.cap, rights(event.rights), 0);
    case 'mint':
      return words(event.src, event.cap, rights(event.rights), event.badge);
    case 'move':
      return words(event.src, event.cap);
    case 'swap':
      return words(event.cap, event.with);
    case 'retype':
      return words(event.obj, event.bits ?? 0, event.cap, event.n);
    case 'make_pool':
      return words(event.cap ?? 0);
    case 'assign':
      return words(event.pool, event.vspace);
    default:
      return undefined;
  }
}

/** What the recorder has to write for an event; undefined where it writes nothing. */
export function recordedAs(event: TraceEvent, riscv: boolean): object | undefined {
  if (commandOf(event) === undefined) return undefined;
  const ret = 'ret' in event ? event.ret : undefined;
  if (QUIET.includes(event.op) && ret !== 'ok') return undefined;
  const rest: Record<string, unknown> = { ...event };
  delete rest['thread'];
  // Which physical memory a retype takes is not known to the client.
  if (event.op === 'retype') delete rest['paddr'];
  // A RISC-V vspace is a table that gets assigned.
  if (event.op === 'retype' && riscv && event.obj === 'vspace') rest['obj'] = 'table';
  if (event.op === 'make_pool' && ret !== 'ok') rest['cap'] = null;
  if (typeof rest['rights'] === 'string') {
    const letters = rest['rights'];
    rest['rights'] = [...'rwgG'].filter((letter) => letters.includes(letter)).join('');
  }
  return rest;
}
