import { ascii, matches } from '../ascii.ts';
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

/** The same for the names that stand on most lines, with the parenthesis behind them; -1 = none of them. */
export function frequentKind(bytes: Uint8Array, p: number): number {
  const first = bytes[p];
  const second = bytes[p + 1];
  if (first === LETTER_M) {
    if (second === LETTER_M) return matches(bytes, p + 2, AP) ? Call.mmap : -1;
    if (second === LETTER_P) return matches(bytes, p + 2, ROTECT) ? Call.mprotect : -1;
    if (second === LETTER_U) return matches(bytes, p + 2, NMAP) ? Call.munmap : -1;
    return second === LETTER_R && matches(bytes, p + 2, EMAP) ? Call.mremap : -1;
  }
  return first === LETTER_B && second === LETTER_R && bytes[p + 2] === LETTER_K && bytes[p + 3] === OPEN
    ? Call.brk
    : -1;
}

const OPEN = 0x28;
const LETTER_B = 0x62;
const LETTER_K = 0x6b;
const LETTER_M = 0x6d;
const LETTER_P = 0x70;
const LETTER_R = 0x72;
const LETTER_U = 0x75;
const AP = ascii('ap(');
const ROTECT = ascii('rotect(');
const NMAP = ascii('nmap(');
const EMAP = ascii('emap(');
