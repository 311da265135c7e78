import {
  ARCH_NAMES,
  type ArchName,
  type KernelConfig,
  POLICIES,
  type PolicyName,
  type Word,
  word,
} from '@overmap/core';
import { escapeText } from './escape-text.ts';
import type { Slots } from './slots.ts';

/** The newest version of the format that this package reads. */
export const TRACE_VERSION = 2;

const POLICY_NAMES = Object.keys(POLICIES);

/** The known keys of a header's `config`; absent where the header does not have them. */
export interface TraceConfig extends KernelConfig {
  /** The trace's own number of the slot that holds the initial ASID pool. */
  readonly asidPool?: number;
  /** The kernel's commit. */
  readonly kernel?: string;
  /** How many slots there are; present in traces of the client dialect. */
  readonly slots?: number;
}

/** The first line of a trace. */
export interface TraceHeader {
  readonly version: number;
  readonly system: 'sel4';
  readonly arch: ArchName;
  readonly policy: PolicyName;
  /** Free text: kernel, machine, seed; empty when absent. */
  readonly source: string;
  readonly config: TraceConfig;
  /** The slot of the initial ASID pool as a dense number; 0 when the header names none. */
  readonly asidPoolSlot: number;
  /** The header as it was written. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** A header in words, for messages. */
export const HEADER_WORDS: string =
  'a trace\'s header, a line that begins {"trace":"overmap","version":1,"system":"sel4",…';

/** Whether a parsed line says that it is a header. */
export const isHeader = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && 'trace' in value && value.trace === 'overmap';

/**
 * Why an input is no trace.
 *
 * @param empty - it has no bytes
 * @param first - the beginning of its first line that is not blank, if it has one
 */
export function noHeader(empty: boolean, first: string | undefined): string {
  const found =
    first === undefined
      ? empty
        ? 'the input is empty'
        : 'the input has only blank lines'
      : `the input begins ${first.includes('\0') ? 'with binary data: ' : ''}"${escapeText(first)}"`;
  return `no trace: expected ${HEADER_WORDS}; ${found}`;
}

const isInt = (from: number, to: number) => (v: unknown) =>
  Number.isInteger(v) && (v as number) >= from && (v as number) <= to;
const isBoolean = (v: unknown): boolean => typeof v === 'boolean';
const BOOLEAN = { test: isBoolean, words: 'true or false' };
const SLOT = { test: isInt(0, Number.MAX_SAFE_INTEGER), words: 'a slot number' };
const CONFIG: Readonly<Record<keyof TraceConfig, { test: (v: unknown) => boolean; words: string }>> = {
  asidPool: SLOT,
  kernel: { test: (v) => typeof v === 'string', words: 'a string' },
  hugePage: BOOLEAN,
  hyp: BOOLEAN,
  paBits: { test: isInt(32, 52), words: 'an integer from 32 to 52' },
  ptLevels: { test: isInt(2, 5), words: 'an integer from 2 to 5' },
  userTop: {
    test: (v) => typeof v === 'string' && /^0x[0-9a-f]{1,16}$/i.test(v),
    words: 'an address of up to 64 bits as a string, such as "0xa0000000"',
  },
  smp: BOOLEAN,
  pcid: BOOLEAN,
  slots: { test: isInt(0, Number.MAX_SAFE_INTEGER), words: 'an integer' },
};

/** A checked hex string as two halves. */
function wordOf(text: string): Word {
  const digits = text.slice(2).padStart(16, '0');
  return word(Number.parseInt(digits.slice(0, 8), 16), Number.parseInt(digits.slice(8), 16));
}

const list = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');
const say = (value: unknown): string => (value === undefined ? 'nothing' : escapeText(JSON.stringify(value), 40));

/**
 * Check a header and give it types.
 *
 * @param raw - a parsed line that has `"trace":"overmap"`
 * @param slots - makes the dense number of the ASID pool's slot
 * @param warn - called with a sentence for each key of `config` that is not known
 * @returns the header, or a sentence that says what is wrong with it
 */
export function parseHeader(
  raw: Readonly<Record<string, unknown>>,
  slots: Slots,
  warn: (message: string) => void,
): TraceHeader | string {
  const { version, system, arch, policy } = raw;
  const source = raw['source'] ?? '';
  const config = raw['config'] ?? {};
  if (!Number.isInteger(version) || (version as number) < 1) {
    return `expected a version number in the trace's header, found ${say(version)}`;
  }
  if ((version as number) > TRACE_VERSION) {
    return `this trace is version ${String(version)}, this program reads versions 1 to ${TRACE_VERSION}`;
  }
  if (system !== 'sel4') return `expected the system "sel4" in the trace's header, found ${say(system)}`;
  const isArch = (v: unknown): v is ArchName => ARCH_NAMES.some((name) => name === v);
  if (!isArch(arch)) return `expected an architecture (${list(ARCH_NAMES)}) in the trace's header, found ${say(arch)}`;
  const isPolicy = (v: unknown): v is PolicyName => POLICY_NAMES.some((name) => name === v);
  if (!isPolicy(policy)) return `expected a policy (${list(POLICY_NAMES)}) in the trace's header, found ${say(policy)}`;
  if (typeof source !== 'string') return `expected text in "source" of the trace's header, found ${say(source)}`;
  if (typeof config !== 'object' || Array.isArray(config)) {
    return `expected an object in "config" of the trace's header, found ${say(config)}`;
  }
  const known: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    if (!Object.hasOwn(CONFIG, key)) {
      warn(`the header's config has the key "${escapeText(key, 40)}", which this program does not know`);
      continue;
    }
    if (value === null) continue;
    const { test, words } = CONFIG[key as keyof TraceConfig];
    if (!test(value)) return `expected ${words} in config.${key} of the trace's header, found ${say(value)}`;
    known[key] = key === 'userTop' ? wordOf(String(value)) : value;
  }
  const typed = known as TraceConfig;
  const asidPoolSlot = typed.asidPool === undefined ? 0 : slots.dense(typed.asidPool, 0);
  return { version: version as number, system, arch, policy, source, config: typed, asidPoolSlot, raw };
}
