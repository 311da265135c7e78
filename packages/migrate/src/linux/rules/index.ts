import { OL001 } from './ol001-replaces.ts';
import { OL002 } from './ol002-reserve-commit.ts';
import { OL003 } from './ol003-loader-segment.ts';
import { OL004 } from './ol004-neighbour.ts';
import { OL005 } from './ol005-mremap.ts';
import { OL006 } from './ol006-mprotect.ts';
import { OL007 } from './ol007-unmap.ts';
import { OL008 } from './ol008-unseen.ts';
import { OL009 } from './ol009-refused.ts';
import { OL010 } from './ol010-wanted.ts';
import type { LinuxRule } from './rule.ts';

export { OL001, OL002, OL003, OL004, OL005, OL006, OL007, OL008, OL009, OL010 };

/** Every rule that an audit of an strace log knows, by id. */
export const LINUX_RULES: readonly LinuxRule[] = [OL001, OL002, OL003, OL004, OL005, OL006, OL007, OL008, OL009, OL010];
