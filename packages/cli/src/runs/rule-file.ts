import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SlotRule } from '@overmap/core';
import { escapeText } from '@overmap/trace';
import { UsageError } from '../usage-error.ts';

const ANSWERS: readonly string[] = [
  'ok',
  'DeleteFirst',
  'InvalidArgument',
  'InvalidCapability',
  'IllegalOperation',
] satisfies ReturnType<SlotRule>[];

/** Whether the value of `--to` names a file rather than a policy. */
export const isRuleFile = (text: string): boolean => /\.[cm]?[jt]s$/.test(text) || /^\.{0,2}[/\\]/.test(text);

/**
 * Loads a user's rule.
 *
 * @param path - a JavaScript module whose default export, or export `rule`, is the rule
 * @returns the rule, with its answers checked
 * @throws UsageError - that says what is wrong with it, also from the rule itself
 */
export async function loadRule(path: string): Promise<SlotRule> {
  const name = escapeText(path, 200);
  if (/\.[cm]?ts$/.test(path))
    throw new UsageError(`The rule ${name} is TypeScript: compile it, and name the .js file.`);
  if (!existsSync(path)) throw new UsageError(`There is no rule ${name}: no such file.`);
  let module: Readonly<Record<string, unknown>>;
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`The rule ${name} cannot be loaded: ${reason(error)}`, { cause: error });
  }
  const rule = [module['default'], module['rule']].find((value) => typeof value === 'function');
  if (rule === undefined) {
    throw new UsageError(
      `The rule ${name} exports no function: it needs "export default (slot) => slot.entry === null ? 'ok' : 'DeleteFirst'", or an export named rule.`,
    );
  }
  return checked(rule as (slot: Parameters<SlotRule>[0]) => unknown, name);
}

function checked(rule: (slot: Parameters<SlotRule>[0]) => unknown, name: string): SlotRule {
  return (slot) => {
    let answer: unknown;
    try {
      answer = rule(slot);
    } catch (error) {
      throw new UsageError(`The rule ${name} failed: ${reason(error)}`, { cause: error });
    }
    if (typeof answer === 'string' && ANSWERS.includes(answer)) return answer as ReturnType<SlotRule>;
    const said = answer instanceof Promise ? 'a promise (it must not be async)' : escapeText(show(answer), 60);
    throw new UsageError(`The rule ${name} answered ${said}; it must answer one of ${ANSWERS.join(', ')}.`);
  };
}

const show = (value: unknown): string => (typeof value === 'string' ? `"${value}"` : String(value));
const reason = (error: unknown): string =>
  escapeText(error instanceof Error ? `${error.name}: ${error.message}` : show(error), 400);
