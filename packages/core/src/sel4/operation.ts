// Single constants for the frequent ones, since the build makes literals of those and not of an object's properties.
export const OP_RETYPE = 1;
export const OP_MAP = 6;
export const OP_UNMAP = 7;
export const OP_ADDRESS = 8;
export const OP_COPY = 9;
export const OP_MINT = 10;
export const OP_DELETE = 13;
export const OP_STATE = 15;
export const OP_MARK = 16;

/** Operation codes of trace events; the names are those of the trace format. */
export const Op = {
  retype: OP_RETYPE,
  make_pool: 2,
  assign: 3,
  map_table: 4,
  unmap_table: 5,
  map: OP_MAP,
  unmap: OP_UNMAP,
  address: OP_ADDRESS,
  copy: OP_COPY,
  mint: OP_MINT,
  move: 11,
  swap: 12,
  delete: OP_DELETE,
  revoke: 14,
  /** Not an invocation: a checkpoint of one vspace's page tables. */
  state: OP_STATE,
  /** Not an invocation: a test or phase begins or ends. */
  mark: OP_MARK,
  /** A mapping-related invocation that is not modelled (EPT, IO and SMMU maps). */
  other: 17,
  /** Not an operation by itself: the `n` records behind it were one batched invocation. Trace version 2. */
  batch: 18,
} as const;
/** The name of an operation, as traces write it in `op`. */
export type OpName = keyof typeof Op;
/** Operation names by code. */
export const OP_NAMES: readonly (OpName | '')[] = ['', ...(Object.keys(Op) as OpName[])];

/** Object codes of `retype`; the names are those of the trace format. */
export const Obj = { none: 0, page: 1, table: 2, pd: 3, pdpt: 4, vspace: 5, pool: 6 } as const;
/** The name of an object, as traces write it in `obj`. */
export type ObjName = keyof typeof Obj;
/** Object names by code. */
export const OBJ_NAMES: readonly ObjName[] = Object.keys(Obj) as ObjName[];

/** Bits of a rights column: the letters r, w, g, G of `rights`. */
export const Right = { read: 1, write: 2, grant: 4, grantReply: 8 } as const;

/** What a batch does, by code; the names are those of the trace format. */
export const Batched = { none: 0, map: 1, unmap: 2, protect: 3 } as const;
/** The name of what a batch does, as traces write it in `kind`. */
export type BatchedName = Exclude<keyof typeof Batched, 'none'>;
/** Names of {@link Batched} by code. */
export const BATCHED_NAMES = Object.keys(Batched) as readonly (keyof typeof Batched)[];

/** What a batch leaves behind when one of its operations is refused, by code; the names are those of the trace format. */
export const Atomicity = {
  /** The operations before the refused one are done. */
  prefix: 0,
  /** Nothing is done. */
  atomic: 1,
} as const;
/** The name of a batch's mode, as traces write it in `mode`. */
export type AtomicityName = keyof typeof Atomicity;
/** Names of {@link Atomicity} by code. */
export const ATOMICITY_NAMES = Object.keys(Atomicity) as readonly AtomicityName[];
