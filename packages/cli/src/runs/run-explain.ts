import { ALL_RULES } from '@overmap/migrate';
import { cardList, cardMarkdown, cardText, openOutput, type RuleCard } from '@overmap/report';
import { OutputError } from '@overmap/trace';
import type { ExplainRequest } from '../commands/explain.ts';
import { Exit, type ExitCode } from '../exit-code.ts';
import { oneOf } from '../values.ts';
import { screen } from './screen.ts';
import { Talk } from './talk.ts';

/** Runs `overmap explain`. */
export function runExplain({ rules, format, output }: ExplainRequest): ExitCode {
  const ids = ALL_RULES.map(({ id }) => id);
  const asked = rules.map((word) => oneOf('rule', word.toUpperCase(), ids));
  const cards = asked.length === 0 ? ALL_RULES : ALL_RULES.filter(({ id }) => asked.includes(id));
  try {
    const out = openOutput(output);
    out.write(textOf(cards, format, asked.length === 0, output));
    out.close();
    return Exit.clean;
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    new Talk(undefined).say(error.message);
    return Exit.unwritable;
  }
}

function textOf(
  cards: readonly RuleCard[],
  format: ExplainRequest['format'],
  all: boolean,
  output: string | undefined,
): string {
  // What a rule says of an event is a function, and no part of JSON.
  if (format === 'json') return `${JSON.stringify(cards)}\n`;
  if (format === 'md') return cards.map(cardMarkdown).join('\n');
  const look = screen(output);
  return all ? cardList(cards, look) : cards.map((card) => cardText(card, look)).join('\n');
}
