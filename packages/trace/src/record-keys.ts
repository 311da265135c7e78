import type { OpName } from '@overmap/core';

/** Arguments and truth of an operation: which of its keys a record must have, and which it may have. */
export interface OpKeys {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Ground truth: unknown keys to a reader that was not asked for it. */
  readonly truth: readonly string[];
}

const keys = (required: string, optional = '', truth = ''): OpKeys => {
  const list = (text: string): string[] => text.split(' ').filter((key) => key !== '');
  return { required: list(required), optional: list(optional), truth: list(truth) };
};
const CLEARED = 'cleared why found';

/** The keys of each operation, but for {@link COMMON_KEYS} and the details of an error. */
export const OP_KEYS: Readonly<Record<OpName, OpKeys>> = {
  retype: keys('obj cap n ret', 'bits paddr'),
  make_pool: keys('cap ret'),
  assign: keys('pool vspace ret', '', 'asid'),
  map_table: keys('cap vspace vaddr attr ret'),
  unmap_table: keys('cap ret', '', CLEARED),
  map: keys('cap vspace vaddr rights attr ret', '', 'entry was replaced remap alias wasValid'),
  unmap: keys('cap ret', '', CLEARED),
  address: keys('cap ret', 'paddr'),
  copy: keys('src cap rights ret'),
  mint: keys('src cap rights badge ret'),
  move: keys('src cap ret', 'via'),
  swap: keys('cap with ret'),
  delete: keys('cap ret', '', CLEARED),
  revoke: keys('cap ret'),
  state: keys('vspace', 'root entries tables'),
  mark: keys('name at', 'result'),
  other: keys('', 'name cap vspace vaddr ret'),
  batch: keys('kind mode n ret'),
};

/** Keys that any record may have. */
export const COMMON_KEYS: readonly string[] = [
  'boot',
  'synth',
  'assume',
  'part',
  'migrated',
  'seq',
  'thread',
  'cspace',
  'site',
];

/** What a migration says of a record, in `migrated`. */
export const MIGRATED_NAMES = ['inserted', 'moved', 'unmigrated'] as const;

/** Most parts of a batch: as many as the bound that a RangeError can tell. */
export const MOST_PARTS = 2047;
/** Most objects of one retype that succeeded, and most for which slots are listed. */
export const MOST_OBJECTS = 1024;
