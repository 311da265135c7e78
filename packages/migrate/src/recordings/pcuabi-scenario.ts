import {
  type Advice,
  drop,
  narrow,
  nullDerived,
  offset,
  type PcuabiCall,
  type PcuabiProfile,
  permissionBit,
  PROT,
  seal,
  untag,
  type UserCapability,
} from '@overmap/core';
import { RecordFields, shown } from './record-fields.ts';

/** How a pointer is made from one that an earlier step returned. */
type PointerRecipe = (bound: ReadonlyMap<string, UserCapability>, profile: PcuabiProfile) => UserCapability;

/** A step that the model can run. */
export interface ScenarioStep {
  /** The call, its pointers made from what earlier steps returned. */
  readonly call: (bound: ReadonlyMap<string, UserCapability>, profile: PcuabiProfile) => PcuabiCall;
  readonly result: string;
  /** The name under which the returned pointer is known from here on. */
  readonly bind: string | undefined;
}

/** A step that it cannot, and why: a kind and a reason. */
export interface UncoveredStep {
  readonly uncovered: string;
}

const EXACT = 1n << 53n;
const NULL_KEYS = new Set(['null']);
const REF_KEYS = new Set(['ref', 'add', 'setbounds', 'drop', 'untag', 'seal']);
const PROT_LETTERS: Readonly<Record<string, number>> = { r: PROT.read, w: PROT.write, x: PROT.execute };

const ADVICE: Readonly<Record<string, Advice>> = {
  normal: 'other',
  random: 'other',
  sequential: 'other',
  willneed: 'other',
  cold: 'other',
  pageout: 'other',
  mergeable: 'other',
  unmergeable: 'other',
  hugepage: 'other',
  nohugepage: 'other',
  dontdump: 'other',
  dodump: 'other',
  wipeonfork: 'other',
  keeponfork: 'other',
  dontneed: 'other',
  free: 'free',
  dontfork: 'dontfork',
  dofork: 'dofork',
};

/** Something that the model does not cover: the rest of the scenario hangs on it. */
class Uncovered extends Error {}

/** Reads the arguments of one step. */
class Arguments {
  readonly fields: RecordFields;
  private readonly kind: string;

  constructor(kind: string, fields: RecordFields) {
    this.kind = kind;
    this.fields = fields;
  }

  /** Lengths are plain numbers: one that these cannot hold exactly is rounded up, as all calls round to pages. */
  length(key: string): number {
    const length = this.fields.hex(key, 64);
    return Number(length < EXACT ? length : ((length + 4095n) / 4096n) * 4096n);
  }

  flag(key: string): boolean {
    return this.fields.optionalFlag(key);
  }

  prot(key: string, otherwise: number): number {
    if (!this.fields.has(key)) return otherwise;
    let prot = 0;
    for (const letter of this.fields.text(key)) {
      if (!Object.hasOwn(PROT_LETTERS, letter)) throw new Uncovered(`${this.kind}: protection ${shown(letter)}`);
      prot |= PROT_LETTERS[letter];
    }
    return prot;
  }

  /** A pointer that may be left out: null then. */
  pointer(key: string): PointerRecipe {
    if (!this.fields.has(key)) return () => nullDerived(0);
    const fields = this.fields.object(key);
    const recipe = fields.has('ref') ? this.derived(fields) : this.integer(fields);
    if (fields.problem !== undefined) this.fields.blame(key, fields.problem.expected);
    return recipe;
  }

  private integer(fields: RecordFields): PointerRecipe {
    this.only(fields, NULL_KEYS);
    const address = Number(fields.hex('null', 64));
    return () => nullDerived(address);
  }

  /** In this order: add, set bounds, drop, untag, seal. */
  private derived(fields: RecordFields): PointerRecipe {
    this.only(fields, REF_KEYS);
    const name = fields.text('ref');
    const add = fields.has('add') ? Number(BigInt.asIntN(64, fields.hex('add', 64))) : undefined;
    const length = fields.has('setbounds') ? Number(fields.hex('setbounds', 64)) : undefined;
    const dropped = fields.has('drop') ? this.permissions(fields) : 0;
    const untags = fields.optionalFlag('untag');
    const seals = fields.optionalFlag('seal');
    return (bound, { format }) => {
      let made = bound.get(name) ?? nullDerived(0);
      if (add !== undefined) made = offset(format, made, add);
      if (length !== undefined) made = narrow(format, made, length);
      if (dropped !== 0) made = drop(made, dropped);
      if (untags) made = untag(made);
      return seals ? seal(made) : made;
    };
  }

  private permissions(fields: RecordFields): number {
    let bits = 0;
    for (const name of fields.list('drop')) {
      const bit = typeof name === 'string' ? permissionBit(name) : undefined;
      if (bit === undefined) throw new Uncovered(`${this.kind}: permission ${shown(String(name))}`);
      bits |= bit;
    }
    return bits;
  }

  /** Every key that is not known may change what the call means. */
  only(fields: RecordFields, known: ReadonlySet<string>): void {
    const unknown = fields.unknownKey(known);
    if (unknown !== undefined) throw new Uncovered(`${this.kind}: unknown key ${shown(unknown)}`);
  }
}

type CallReader = (read: Arguments, placed: number | undefined, step: number) => ScenarioStep['call'];

interface KnownCall {
  readonly keys: readonly string[];
  readonly read: CallReader;
}

function rangeCall(call: 'munmap' | 'mlock' | 'munlock' | 'msync' | 'mincore'): KnownCall {
  return {
    keys: ['addr', 'len'],
    read: (read) => {
      const address = read.pointer('addr');
      const length = read.length('len');
      return (bound, profile) => ({ call, address: address(bound, profile), length });
    },
  };
}

const at = (placed: number | undefined): { readonly placed?: number } => (placed === undefined ? {} : { placed });

const MMAP: KnownCall = {
  keys: ['addr', 'len', 'prot', 'maxProt', 'fixed', 'noreplace', 'shared', 'growsdown', 'capInvoke'],
  read: (read, placed) => {
    const address = read.pointer('addr');
    const rest = {
      length: read.length('len'),
      prot: read.prot('prot', PROT.read | PROT.write),
      ...(read.fields.has('maxProt') ? { maxProt: read.prot('maxProt', 0) } : {}),
      fixed: read.flag('fixed'),
      noReplace: read.flag('noreplace'),
      shared: read.flag('shared'),
      growsDown: read.flag('growsdown'),
      capInvoke: read.flag('capInvoke'),
      ...at(placed),
    };
    return (bound, profile) => ({ call: 'mmap', address: address(bound, profile), ...rest });
  },
};

const MREMAP: KnownCall = {
  keys: ['addr', 'oldLen', 'newLen', 'mayMove', 'fixed', 'dontunmap', 'to'],
  read: (read, placed) => {
    const address = read.pointer('addr');
    const to = read.pointer('to');
    const rest = {
      oldLength: read.length('oldLen'),
      newLength: read.length('newLen'),
      mayMove: read.flag('mayMove'),
      fixed: read.flag('fixed'),
      dontUnmap: read.flag('dontunmap'),
      ...at(placed),
    };
    return (bound, profile) => ({
      call: 'mremap',
      address: address(bound, profile),
      to: to(bound, profile),
      ...rest,
    });
  },
};

const MPROTECT: KnownCall = {
  keys: ['addr', 'len', 'prot', 'protMaxBits'],
  read: (read) => {
    const address = read.pointer('addr');
    const maxBits = read.fields.value('protMaxBits');
    const rest = {
      length: read.length('len'),
      prot: read.prot('prot', 0),
      unknownBits: maxBits !== undefined && maxBits !== false && maxBits !== '' && maxBits !== '0x0',
    };
    return (bound, profile) => ({ call: 'mprotect', address: address(bound, profile), ...rest });
  },
};

const MADVISE: KnownCall = {
  keys: ['addr', 'len', 'advice'],
  read: (read) => {
    const address = read.pointer('addr');
    const length = read.length('len');
    const named = read.fields.has('advice') ? read.fields.text('advice') : 'normal';
    const key = named.toLowerCase().replace(/^madv_/, '');
    if (!Object.hasOwn(ADVICE, key)) throw new Uncovered(`madvise: advice ${shown(named)}`);
    return (bound, profile) => ({ call: 'madvise', address: address(bound, profile), length, advice: ADVICE[key] });
  },
};

const SHMAT: KnownCall = {
  keys: ['addr', 'size', 'remap'],
  read: (read, placed, step) => {
    const address = read.pointer('addr');
    // Scenarios do not name segments: each call attaches one of its own.
    const rest = { size: read.length('size'), remap: read.flag('remap'), object: -1 - step, ...at(placed) };
    return (bound, profile) => ({ call: 'shmat', address: address(bound, profile), ...rest });
  },
};

const SHMDT: KnownCall = {
  keys: ['addr'],
  read: (read) => {
    const address = read.pointer('addr');
    return (bound, profile) => ({ call: 'shmdt', address: address(bound, profile) });
  },
};

const FORK: KnownCall = {
  keys: ['dontfork'],
  read: (read) => {
    const dontFork = (read.fields.has('dontfork') ? read.fields.list('dontfork') : []).map((range) => {
      const fields = new RecordFields({ ...(Array.isArray(range) ? range : []) }, 'dontfork.');
      const span = { start: Number(fields.hex('0', 64)), end: Number(fields.hex('1', 64)) };
      if (fields.problem !== undefined) read.fields.blame('dontfork', fields.problem.expected);
      return span;
    });
    return () => ({ call: 'fork', dontFork });
  },
};

const CALLS: Readonly<Record<string, KnownCall>> = {
  mmap: MMAP,
  munmap: rangeCall('munmap'),
  mlock: rangeCall('mlock'),
  mlock2: rangeCall('mlock'),
  munlock: rangeCall('munlock'),
  msync: rangeCall('msync'),
  mincore: rangeCall('mincore'),
  mprotect: MPROTECT,
  madvise: MADVISE,
  mremap: MREMAP,
  shmat: SHMAT,
  shmdt: SHMDT,
  brk: { keys: ['addr'], read: () => () => ({ call: 'brk' }) },
  fork: FORK,
  exec: { keys: [], read: () => () => ({ call: 'exec' }) },
  execve: { keys: [], read: () => () => ({ call: 'exec' }) },
};

const STEP_KEYS = new Set(['call', 'args', 'result', 'cap', 'bind', 'after', 'note']);

/**
 * Read one step.
 *
 * @param bound - names that earlier steps bind
 * @param index - its place among the steps
 * @returns the step, or why the model does not cover it; `fields.problem` where it is malformed
 */
export function readStep(
  fields: RecordFields,
  bound: ReadonlySet<string>,
  index: number,
): ScenarioStep | UncoveredStep {
  const name = fields.text('call');
  const known = Object.hasOwn(CALLS, name) ? CALLS[name] : undefined;
  if (known === undefined) return { uncovered: `${shown(name)}: unknown call` };
  const read = new Arguments(name, fields.object('args'));
  try {
    read.only(fields, STEP_KEYS);
    read.only(read.fields, new Set(known.keys));
    for (const key of ['addr', 'to']) unbound(read.fields, key, bound);
    const call = known.read(read, placedAt(fields), index);
    if (read.fields.problem !== undefined) fields.blame('args', read.fields.problem.expected);
    return { call, result: fields.text('result'), bind: fields.has('bind') ? fields.text('bind') : undefined };
  } catch (error) {
    if (error instanceof Uncovered) return { uncovered: error.message };
    throw error;
  }
}

/** A pointer must come from a step before. */
function unbound(args: RecordFields, key: string, bound: ReadonlySet<string>): void {
  const pointer = args.value(key);
  if (typeof pointer !== 'object' || pointer === null || !('ref' in pointer)) return;
  if (typeof pointer.ref === 'string' && !bound.has(pointer.ref))
    args.blame(key, `expected "ref" to name a pointer that an earlier step binds, found "${shown(pointer.ref)}"`);
}

/** Where the recorded call ended up. */
function placedAt(fields: RecordFields): number | undefined {
  const cap = fields.has('cap') ? fields.object('cap') : undefined;
  return cap?.has('addr') === true ? Number(cap.hex('addr', 64)) : undefined;
}
