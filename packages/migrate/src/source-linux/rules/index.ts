import type { RuleCard } from '@overmap/report';
import { OL101 } from './ol101-fixed-address.ts';
import { OL102 } from './ol102-not-compared.ts';
import { OL103 } from './ol103-forced.ts';
import { OL190 } from './ol190-cannot-tell.ts';

/** Every rule about calls of Linux in source, by id. */
export const LINUX_SOURCE_RULES: readonly RuleCard[] = [OL101, OL102, OL103, OL190];
