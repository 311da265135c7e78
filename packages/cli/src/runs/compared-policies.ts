import { existsSync } from 'node:fs';
import type { PolicyChoice } from '@overmap/migrate';
import { quoted } from '../printable.ts';
import { UsageError } from '../usage-error.ts';
import { isLinuxTarget, policyOrRule } from './policy.ts';
import { isRuleFile } from './rule-file.ts';

/** The most policies of one comparison. */
const MOST = 16;

/**
 * One policy or several, with commas between; a file whose name has a comma is one rule.
 *
 * @returns the first, and the others
 * @throws UsageError - for an empty name, one that is given twice, and more than 16
 */
export async function policiesOrRules(text: string): Promise<readonly [PolicyChoice, ...PolicyChoice[]]> {
  const [first = text, ...rest] = isRuleFile(text) && existsSync(text) ? [text] : text.split(',').map((w) => w.trim());
  const words = [first, ...rest];
  if (words.includes('')) throw new UsageError(`--to ${quoted(text)} has an empty name: --to strict,exact.`);
  const twice = words.find((word, n) => words.indexOf(word) !== n);
  if (twice !== undefined) throw new UsageError(`--to names ${quoted(twice)} twice: once is enough.`);
  if (words.length > MOST) throw new UsageError(`--to names ${words.length} policies; at most ${MOST} are compared.`);
  const target = words.find(isLinuxTarget);
  if (target !== undefined && words.length > 1)
    throw new UsageError(
      `--to ${quoted(text)}: ${target} is about strace logs, of which one target is asked at a time. Run the audit once for each: ${words.map((word) => `--to ${word}`).join(', then ')}.`,
    );
  const others: PolicyChoice[] = [];
  for (const word of rest) others.push(await policyOrRule(word));
  return [await policyOrRule(first), ...others];
}
