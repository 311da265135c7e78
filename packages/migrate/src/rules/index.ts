import { OM001 } from './om001-over-map.ts';
import { OM002 } from './om002-stale-remap.ts';
import { OM003 } from './om003-stale-capability.ts';
import { OM004 } from './om004-dead-unmap.ts';
import { OM005 } from './om005-alias-unmap.ts';
import { OM006 } from './om006-reused-asid.ts';
import { OM007 } from './om007-cross-size.ts';
import { OM008 } from './om008-no-rights.ts';
import { OM009 } from './om009-swallowed-refusal.ts';
import { OM010 } from './om010-prefix-left.ts';
import { OM011 } from './om011-foreign-mapping.ts';
import { OM012 } from './om012-window.ts';
import { OM013 } from './om013-outcome-change.ts';
import { OM014 } from './om014-alias-map.ts';
import { OM101 } from './om101-relies.ts';
import { OM102 } from './om102-changes-behaviour.ts';
import { OM103 } from './om103-swallows-error.ts';
import { OM104 } from './om104-deletefirst-for-success.ts';
import { OM105 } from './om105-any-error-for-a-table.ts';
import { OM106 } from './om106-prefix-left-in-source.ts';
import { OM107 } from './om107-dead-unmap-in-source.ts';
import { OM108 } from './om108-old-api.ts';
import { OM109 } from './om109-latent.ts';
import { OM190 } from './om190-cannot-tell.ts';
import { OM901 } from './om901-unknown-state.ts';
import { OM902 } from './om902-divergence.ts';
import { OM903 } from './om903-unused-suppression.ts';
import type { Rule, SourceRule } from './rule.ts';

export {
  OM001,
  OM002,
  OM003,
  OM004,
  OM005,
  OM006,
  OM007,
  OM008,
  OM009,
  OM010,
  OM011,
  OM012,
  OM013,
  OM014,
  OM901,
  OM902,
};

/** Every rule that an audit of a trace knows, by id. */
export const RULES: readonly Rule[] = [
  OM001,
  OM002,
  OM003,
  OM004,
  OM005,
  OM006,
  OM007,
  OM008,
  OM009,
  OM010,
  OM011,
  OM013,
  OM014,
  OM901,
  OM902,
];

/** What a migration tells, and no audit. */
export const MIGRATION_RULES: readonly Rule[] = [OM012];

/** Every rule that an audit of source knows, by id. */
export const SOURCE_RULES: readonly SourceRule[] = [
  OM101,
  OM102,
  OM103,
  OM104,
  OM105,
  OM106,
  OM107,
  OM108,
  OM109,
  OM190,
  OM903,
];
