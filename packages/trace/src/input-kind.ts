/**
 * What an input holds, as its first lines show it. `sel4` is also the answer where nothing else fits: that reader says
 * what is wrong with an input that is no trace at all.
 */
export type InputKind = 'sel4' | 'linux' | 'strace' | 'cheri-bounds' | 'pcuabi' | 'freebsd-keys' | 'redox';

const decoder = new TextDecoder('utf-8');
/** What strace prints in front of a call: process, time, the call's number, the instruction pointer. */
const STRACE_PREFIX =
  /^ *(?:\[pid +\d+(?:<[^>]*>)?\] +|\d{1,7}(?:<[^>]*>)? +)?(?:\d\d:\d\d:\d\d(?:\.\d+)? +|\d{9,}(?:\.\d+)? +|\+? *\d+\.\d+ +)?(?:\(\+ *\d+\.\d+\) +)?(?:\[ *\d+\] +)?(?:\[[0-9a-f?]{8,16}\] +)?/;
/** A call as strace prints it: `mmap(NULL, 4096, …) = 0x7f…`. */
const STRACE_CALL =
  /^(?:[a-z_][a-z0-9_]*\(.*|<\.\.\. [a-z0-9_]+ resumed>.*|--- SIG.*|\+\+\+ (?:exited|killed) .*|strace: Process \d+ attached)$/;
const isStraceLine = (line: string): boolean => STRACE_CALL.test(line.trimEnd().replace(STRACE_PREFIX, ''));

/**
 * Recognise an input by its content.
 *
 * @param head - the beginning of its text; a line may be cut off at the end
 */
export function inputKind(head: Uint8Array): InputKind {
  const lines = decoder
    .decode(head)
    .replace(/^\ufeff/, '')
    .split('\n');
  // The last piece may be cut; alone, it is all there is to see.
  const whole = lines.length > 1 ? lines.slice(0, -1) : lines;
  const first = whole.find((line) => line.trim() !== '')?.trim() ?? '';
  if (first.startsWith('{')) return recordKind(first);
  return whole.slice(0, 50).some(isStraceLine) && !whole.some(isTraceHeader) ? 'strace' : 'sel4';
}

/** Whether the beginning of an input tells its kind already, whatever comes: nobody should wait for more of it. */
export function tellsKind(head: Uint8Array): boolean {
  const whole = decoder
    .decode(head)
    .replace(/^\ufeff/, '')
    .split('\n')
    .slice(0, -1);
  return (
    whole
      .find((line) => line.trim() !== '')
      ?.trim()
      .startsWith('{') === true || whole.some(isTraceHeader)
  );
}

const isTraceHeader = (line: string): boolean => line.includes('"trace"') && line.includes('"overmap"');

/** The keys by which the lines of a recording without a header are known; the first that fits is the kind. */
const KEYS: readonly (readonly [InputKind, readonly string[]])[] = [
  ['cheri-bounds', ['fmt', 'kind']],
  ['pcuabi', ['pageSize', 'bounds', 'steps']],
  ['pcuabi', ['basis', 'bounds', 'placement']],
  ['freebsd-keys', ['seq', 'op', 'pku']],
  ['freebsd-keys', ['seq', 'op', 'ranges', 'ptes']],
  ['freebsd-keys', ['keyRangeAfter']],
  ['redox', ['kind', 'origin']],
];

/** The kind of a JSON Lines file by its first line, whose end may be missing. */
function recordKind(line: string): InputKind {
  const has = (key: string): boolean => line.includes(`"${key}"`);
  if (isTraceHeader(line)) return /"system"\s*:\s*"linux"/.test(line) ? 'linux' : 'sel4';
  return KEYS.find(([, keys]) => keys.every(has))?.[0] ?? 'sel4';
}
