import { ascii, four, matches } from '../ascii.ts';
import { Call } from './strace-call.ts';

const NAMES: Readonly<Record<string, number>> = {
  mmap: Call.mmap,
  mmap2: Call.mmap,
  old_mmap: Call.mmap,
  munmap: Call.munmap,
  mprotect: Call.mprotect,
  pkey_mprotect: Call.mprotect,
  mremap: Call.mremap,
  brk: Call.brk,
  execve: Call.execve,
  execveat: Call.execve,
  clone: Call.clone,
  clone2: Call.clone,
  clone3: Call.clone,
  fork: Call.clone,
  vfork: Call.clone,
  madvise: Call.madvise,
  mlock: Call.mlock,
  mlock2: Call.mlock,
  munlock: Call.munlock,
  msync: Call.msync,
  mincore: Call.mincore,
};

/** By length and first letter at most two names are left. */
const KEYS = 16 * 32;
const BY_KEY: { readonly text: Uint8Array; readonly kind: number }[][] = Array.from({ length: KEYS }, () => []);
for (const [name, kind] of Object.entries(NAMES))
  BY_KEY[name.length * 32 + (name.charCodeAt(0) & 31)].push({ text: ascii(name), kind });

/** Which call of interest is named at [from, to), or -1. */
export function callKind(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  if (length > 13 || length < 3) return -1;
  const candidates = BY_KEY[length * 32 + (bytes[from] & 31)];
  for (let k = 0; k < candidates.length; k++) if (matches(bytes, from, candidates[k].text)) return candidates[k].kind;
  return -1;
}

/** By kind: letters of the most frequent name with its parenthesis. */
export const FREQUENT_LENGTHS: readonly number[] = [5, 7, 9, 7, 4];

/**
 * The same for the names that stand on most lines, with the parenthesis behind them; -1 = none of them.
 *
 * @param view - of the same bytes, of which at least 9 follow `p`
 */
export function frequentKind(view: DataView, p: number): number {
  const word = view.getInt32(p, true);
  if (word === MMAP) return view.getUint8(p + 4) === OPEN ? Call.mmap : -1;
  if (word === MPRO) return view.getInt32(p + 4, true) === TECT && view.getUint8(p + 8) === OPEN ? Call.mprotect : -1;
  if (word === BRK) return Call.brk;
  if (word === MUNM) return view.getInt32(p + 3, true) === MAP ? Call.munmap : -1;
  return word === MREM && view.getInt32(p + 3, true) === MAP ? Call.mremap : -1;
}

const OPEN = 0x28;
const MMAP = four('mmap');
const MPRO = four('mpro');
const TECT = four('tect');
const BRK = four('brk(');
const MUNM = four('munm');
const MREM = four('mrem');
const MAP = four('map(');
