/**
 * What an invocation answers, packed into one non-negative integer so that the hot path allocates nothing.
 *
 * ```text
 *  31                 20 19 18      16 15            4 3      0
 * +---------------------+--+----------+---------------+--------+
 * | maximum (RangeError)|src| lookup  | arg/bits/min  |  code  |
 * +---------------------+--+----------+---------------+--------+
 * ```
 *
 * `code` is seL4_Error (libsel4/include/sel4/errors.h). `arg` is the number that InvalidArgument and
 * InvalidCapability report, `bits` what a failed lookup had left, `min` the lower bound of a RangeError.
 */
export const Code = {
  ok: 0,
  InvalidArgument: 1,
  InvalidCapability: 2,
  IllegalOperation: 3,
  RangeError: 4,
  AlignmentError: 5,
  FailedLookup: 6,
  TruncatedMessage: 7,
  DeleteFirst: 8,
  RevokeFirst: 9,
  NotEnoughMemory: 10,
} as const;

/** The name of an outcome, as traces write it in `ret`. */
export type CodeName = keyof typeof Code;

/** Outcome names by code; index = `outcome & CODE_MASK`. */
export const CODE_NAMES: readonly CodeName[] = Object.keys(Code) as CodeName[];

/** The bits of an outcome that hold its code. */
export const CODE_MASK = 0xf;

/** seL4_LookupFailureType, minus the "no failure" value: how a capability or table lookup failed. */
export const Lookup = {
  invalid_root: 1,
  missing_capability: 2,
  depth_mismatch: 3,
  guard_mismatch: 4,
} as const;
/** The name of a lookup failure, as traces write it in `lookup.type`. */
export type LookupName = keyof typeof Lookup;
const LOOKUP_NAMES = ['none', ...Object.keys(Lookup)] as readonly (LookupName | 'none')[];

const ARG_SHIFT = 4;
const ARG_MASK = 0xfff;
const LOOKUP_SHIFT = 16;
const SOURCE_SHIFT = 19;
const MAX_SHIFT = 20;

/** The outcome of an invocation that succeeded. */
export const OK = 0;
/** `AlignmentError`: the address is not a multiple of the page's size. */
export const ALIGNMENT_ERROR = 5;
/** `DeleteFirst`: something is in the way. */
export const DELETE_FIRST = 8;
/** `RevokeFirst`: the object has other capabilities. */
export const REVOKE_FIRST = 9;
/** `IllegalOperation`: this kind of capability does not take this invocation. */
export const ILLEGAL_OPERATION = 3;
/** `NotEnoughMemory`: the untyped is too small. The model never answers it: untypeds are outside the trace. */
export const NOT_ENOUGH_MEMORY = 10;
/** Lookup of a dead ASID: `FailedLookup`, invalid root. */
export const INVALID_ROOT = 0x10006;

/** `InvalidArgument n`: message word n is wrong. */
export const invalidArgument = (n: number): number => Code.InvalidArgument | (n << ARG_SHIFT);
/** `InvalidCapability n`: 0 is the invoked capability, 1 the first extra one. */
export const invalidCapability = (n: number): number => Code.InvalidCapability | (n << ARG_SHIFT);
/** `FailedLookup`, missing capability: `bits` address bits were left when the walk or CSpace lookup stopped. */
export const missingCapability = (bits: number, source: boolean): number =>
  Code.FailedLookup |
  (bits << ARG_SHIFT) |
  (Lookup.missing_capability << LOOKUP_SHIFT) |
  ((source ? 1 : 0) << SOURCE_SHIFT);
/** Any other `FailedLookup`. */
export const failedLookup = (type: number, bits: number, source: boolean): number =>
  Code.FailedLookup | (bits << ARG_SHIFT) | (type << LOOKUP_SHIFT) | ((source ? 1 : 0) << SOURCE_SHIFT);
/** `RangeError min..max`; both at most 2047. */
export const rangeError = (min: number, max: number): number =>
  Code.RangeError | (min << ARG_SHIFT) | (max << MAX_SHIFT);

/** Why a lookup failed, unpacked. */
export interface LookupFailure {
  readonly failedForSource: boolean;
  readonly type: LookupName;
  /** Address bits left; absent for an invalid root. */
  readonly bits?: number;
}

/** An outcome as people and JSON see it: a tag and only the details that this error has. */
export type Outcome =
  | { readonly ret: 'ok' }
  | { readonly ret: 'InvalidArgument' | 'InvalidCapability'; readonly arg: number }
  | { readonly ret: 'RangeError'; readonly min: number; readonly max: number }
  | { readonly ret: 'FailedLookup'; readonly lookup: LookupFailure }
  | {
      readonly ret:
        | 'IllegalOperation'
        | 'AlignmentError'
        | 'TruncatedMessage'
        | 'DeleteFirst'
        | 'RevokeFirst'
        | 'NotEnoughMemory';
    };

/**
 * Unpack an outcome.
 *
 * @param outcome - the packed integer
 * @returns the discriminated form, with exactly the keys that a trace would carry
 */
export function describeOutcome(outcome: number): Outcome {
  const ret = CODE_NAMES[outcome & CODE_MASK];
  const arg = (outcome >>> ARG_SHIFT) & ARG_MASK;
  switch (ret) {
    case 'ok':
      return { ret };
    case 'InvalidArgument':
    case 'InvalidCapability':
      return { ret, arg };
    case 'RangeError':
      return { ret, min: arg, max: outcome >>> MAX_SHIFT };
    case 'FailedLookup': {
      const type = LOOKUP_NAMES[(outcome >>> LOOKUP_SHIFT) & 7] as LookupName;
      const failedForSource = ((outcome >>> SOURCE_SHIFT) & 1) === 1;
      return type === 'invalid_root'
        ? { ret, lookup: { failedForSource, type } }
        : { ret, lookup: { failedForSource, type, bits: arg } };
    }
    case undefined:
      throw new RangeError(`outcome ${outcome} has no known code`);
    default:
      return { ret };
  }
}

/**
 * An outcome in the words of the kernel's manual: "FailedLookup (missing capability, 21 bits left)".
 *
 * @param outcome - the packed integer, or -1 where a trace recorded none
 */
export function sayOutcome(outcome: number): string {
  if (outcome < 0) return 'no result';
  const o = describeOutcome(outcome);
  switch (o.ret) {
    case 'InvalidArgument':
    case 'InvalidCapability':
      return `${o.ret} ${o.arg}`;
    case 'RangeError':
      return `RangeError ${o.min}..${o.max}`;
    case 'FailedLookup':
      return `FailedLookup (${o.lookup.type.replace('_', ' ')}${o.lookup.bits === undefined ? '' : `, ${o.lookup.bits} bits left`}${o.lookup.failedForSource ? ', for the source' : ''})`;
    default:
      return o.ret;
  }
}
