import { OP001 } from './op001-leaves-mapping.ts';
import { OP002 } from './op002-no-capability.ts';
import { OP003 } from './op003-brk.ts';
import { OP004 } from './op004-above-permissions.ts';
import { OP005 } from './op005-unusable.ts';
import { OP006 } from './op006-hole.ts';
import { OP007 } from './op007-hint.ts';
import { OP008 } from './op008-other.ts';
import { OP009 } from './op009-consequence.ts';
import type { PcuabiRule } from './rule.ts';

export { OP001, OP002, OP003, OP004, OP005, OP006, OP007, OP008, OP009 };

/** Every rule that an audit of an strace log for PCuABI knows, by id. */
export const PCUABI_RULES: readonly PcuabiRule[] = [OP001, OP002, OP003, OP004, OP005, OP006, OP007, OP008, OP009];
