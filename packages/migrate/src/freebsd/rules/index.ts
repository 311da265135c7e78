import { OF001 } from './of001-lost.ts';
import { OF002 } from './of002-lost-under-target.ts';
import { OF003 } from './of003-inherited.ts';
import { OF004 } from './of004-left.ts';
import { OF005 } from './of005-other-key.ts';
import { OF006 } from './of006-answer.ts';
import { OF007 } from './of007-key-zero.ts';
import type { FreebsdRule } from './rule.ts';

export { OF001, OF002, OF003, OF004, OF005, OF006, OF007 };

/** Every rule that an audit of FreeBSD's protection keys knows, by id. */
export const FREEBSD_RULES: readonly FreebsdRule[] = [OF001, OF002, OF003, OF004, OF005, OF006, OF007];
