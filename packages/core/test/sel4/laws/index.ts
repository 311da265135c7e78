import { ASIDS } from './asids.ts';
import { CAPABILITIES } from './capabilities.ts';
import { CHECKPOINTS } from './checkpoints.ts';
import type { Law } from './law.ts';
import { LIMITS } from './limits.ts';
import { MAPPING } from './mapping.ts';
import { OCCUPIED } from './occupied.ts';
import { TABLES } from './tables.ts';

/** Every law. */
export const LAWS: readonly Law[] = [
  ...MAPPING,
  ...OCCUPIED,
  ...CAPABILITIES,
  ...TABLES,
  ...ASIDS,
  ...LIMITS,
  ...CHECKPOINTS,
];

export { type Deviation, runLaws } from './law.ts';
