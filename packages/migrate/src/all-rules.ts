import type { RuleCard } from '@overmap/report';
import { FREEBSD_RULES } from './freebsd/rules/index.ts';
import { LINUX_RULES } from './linux/rules/index.ts';
import { PCUABI_RULES } from './pcuabi/rules/index.ts';
import { REDOX_RULES } from './redox/rules/index.ts';
import { MIGRATION_RULES, RULES, SOURCE_RULES } from './rules/index.ts';
import { LINUX_SOURCE_RULES } from './source-linux/rules/index.ts';

/**
 * The rules by what they are about: traces of seL4, migrations, source, strace logs, calls of Linux in source, strace
 * logs for PCuABI, FreeBSD's keys, Redox.
 */
export const RULE_TABLES: readonly (readonly RuleCard[])[] = [
  RULES,
  MIGRATION_RULES,
  SOURCE_RULES,
  LINUX_RULES,
  LINUX_SOURCE_RULES,
  PCUABI_RULES,
  FREEBSD_RULES,
  REDOX_RULES,
];

/** Every rule that a finding may name, by id. */
export const ALL_RULES: readonly RuleCard[] = RULE_TABLES.flat().toSorted((a, b) => (a.id < b.id ? -1 : 1));
