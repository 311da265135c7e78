import { ascii, CLOSE_BRACE, COMMA, HEX, matches, QUOTE, RETURN, SPACE, ZERO } from '../ascii.ts';
import { CloneFlag } from './strace-call.ts';

const CLOSE = 0x29;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const UPPER_M = 0x4d;
const UPPER_V = 0x56;
const UNDERSCORE = 0x5f;
const BACKSLASH = 0x5c;
const LOWER_X = 0x78;
const UNFINISHED = ascii('<unfinished ...>');
const DETACHED = ascii('<detached ...>');
const PROCESS = ascii('strace: Process ');
const ATTACHED = ascii(' attached');
const DETACHED_PROCESS = ascii(' detached');
const NO_RESULT = ascii(' = ?');

/** Where a call breaks off: behind its last byte; -1 where it does not. */
export function breaksOffAt(bytes: Uint8Array, from: number, end: number): number {
  const to = bytes[end - 1] === RETURN ? end - 1 : end;
  if (bytes[to - 1] === GREATER) {
    for (const mark of [UNFINISHED, DETACHED]) {
      const at = to - mark.length;
      if (at >= from && matches(bytes, at, mark)) return bytes[at - 1] === SPACE ? at - 1 : at;
    }
  }
  let p = to - ATTACHED.length;
  if (p < from || bytes[to - 1] !== 0x64) return -1;
  // strace says in the middle of a clone that the child is there: `…|SIGCHLDstrace: Process 12 attached`.
  if (!matches(bytes, p, ATTACHED) && !matches(bytes, p, DETACHED_PROCESS)) return -1;
  while (bytes[p - 1] >= ZERO && bytes[p - 1] <= 0x39) p--;
  p -= PROCESS.length;
  return p >= from && matches(bytes, p, PROCESS) ? p : -1;
}

/** The line is `<unfinished ...>` or `<detached ...>` and no more. */
export function isLeftOff(bytes: Uint8Array, p: number, end: number): boolean {
  const to = bytes[end - 1] === RETURN ? end - 1 : end;
  const mark = bytes[p + 1] === 0x75 ? UNFINISHED : DETACHED;
  return to - p === mark.length && matches(bytes, p, mark);
}

/** The line ends with `<unfinished ...>) = ?`: its thread was gone before the call returned. */
export function endsWithoutResult(bytes: Uint8Array, from: number, end: number): boolean {
  let p = (bytes[end - 1] === RETURN ? end - 1 : end) - NO_RESULT.length;
  if (p < from + UNFINISHED.length || !matches(bytes, p, NO_RESULT)) return false;
  while (bytes[p] === SPACE) p--;
  return bytes[p] === CLOSE && matches(bytes, p - UNFINISHED.length, UNFINISHED);
}

/** Copy bytes. So few as a call has cost less in a loop than in a call of their own. */
export function copyBytes(source: Uint8Array, from: number, to: number, target: Uint8Array, at: number): void {
  if (to - from > 256) target.set(source.subarray(from, to), at);
  else for (let p = from, shift = at - from; p < to; p++) target[p + shift] = source[p];
}

/** The first quoted text: what execve runs. */
export function programName(bytes: Uint8Array, from: number, end: number): string {
  let start = from;
  while (start < end && bytes[start] !== QUOTE) start++;
  let p = start + 1;
  while (p < end && bytes[p] !== QUOTE) p += bytes[p] === BACKSLASH ? 2 : 1;
  return p >= end
    ? ''
    : Buffer.from(bytes.buffer, bytes.byteOffset + start + 1, Math.min(p - start - 1, 4096)).toString();
}

/** `flags=CLONE_VM|CLONE_VFORK|SIGCHLD`, `flags=0x1200000|17`. */
export function cloneFlags(bytes: Uint8Array, from: number, end: number): number {
  let p = from;
  while (p < end && !(bytes[p] === 0x67 && bytes[p + 1] === 0x73 && bytes[p + 2] === EQUALS)) p++;
  let flags = 0;
  for (p += 3; p < end && bytes[p] !== COMMA && bytes[p] !== CLOSE_BRACE && bytes[p] !== CLOSE; p++) {
    if (bytes[p] === UNDERSCORE && bytes[p + 1] === UPPER_V && bytes[p + 2] === UPPER_M && !isName(bytes[p + 3]))
      flags |= CloneFlag.vm;
    else if (bytes[p] === ZERO && bytes[p + 1] === LOWER_X) {
      let number = 0;
      for (p += 2; HEX[bytes[p]] >= 0; p++) number = (number << 4) | HEX[bytes[p]];
      flags |= number & 0x7fffffff;
      p--;
    }
  }
  return flags;
}

const isName = (c: number): boolean => c === UNDERSCORE || (c >= 0x41 && c <= 0x5a);

/** ASCII bytes as text. */
export const text = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');

/** Behind the `>` of a name comes the next argument, or `(deleted)` in front of it. */
export function endsName(bytes: Uint8Array, p: number): boolean {
  if (bytes[p] === COMMA) return bytes[p + 1] === SPACE;
  return bytes[p] === 0x28 && bytes[p + 1] === 0x64 && bytes[p + 8] === CLOSE && bytes[p + 9] === COMMA;
}
