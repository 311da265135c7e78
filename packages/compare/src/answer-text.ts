import type { Answer, Consequence, Effect, Outcome } from './answer.ts';
import { PAGE } from './scenario.ts';

/** What the program is told, for a cell. */
export function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'ok':
      return outcome.shows === null ? 'ok' : outcome.shows;
    case 'refused':
      return outcome.error;
    case 'inexpressible':
      return '·';
  }
}

const SIGNS: Readonly<Record<Effect['kind'], string>> = { appeared: '+', vanished: '−', replaced: '↔', changed: '~' };
const MARKS: Readonly<Record<Consequence['kind'], string>> = {
  lost: 'lost',
  stale: 'stale',
  'dead-pointer': 'dead',
  'key-lost': 'key lost',
  'key-inherited': 'old key',
};

/** How the signs of a cell are read. */
export const LEGEND =
  '+n pages appeared, −n vanished, ↔n were replaced, ~n changed their rights; lost: contents that nobody can reach any more; stale: capabilities that record what is not there; dead: pointers whose reservation is gone; key lost, old key: pages that lost their protection key, or came under one set for others; · cannot be said in that system. In the first column: ≠ the systems answer differently, ~ they answer alike and do different things.';

/** A cell: outcome, effects as counts of pages, consequences as counts. */
export function answerText({ outcome, effects, consequences }: Answer): string {
  const parts = [outcomeText(outcome)];
  for (const kind of ['appeared', 'vanished', 'replaced', 'changed'] as const) {
    const pages = effects.filter((effect) => effect.kind === kind).reduce((sum, one) => sum + pagesOf(one), 0);
    if (pages > 0) parts.push(`${SIGNS[kind]}${pages}`);
  }
  for (const { kind, count } of consequences) parts.push(`${MARKS[kind]} ${count}`);
  return parts.join(' ');
}

export const pagesOf = ({ start, end }: Effect): number => (end - start) / PAGE;

/** An effect as a clause: "A+0..1: P+0 replaced by Q+0". */
export function effectText(effect: Effect, placeOf: (address: number) => string): string {
  const { kind, process, start, before, after, rights } = effect;
  const pages = pagesOf(effect);
  const first = placeOf(start);
  const last = placeOf(effect.end - PAGE);
  const where = pages === 1 ? first : `${first}..${last.slice(last.lastIndexOf('+') + 1)}`;
  const place = `${process === 0 ? '' : 'child '}${where}`;
  switch (kind) {
    case 'appeared':
      return `${place}: ${after} appeared`;
    case 'vanished':
      return `${place}: ${before} vanished`;
    case 'replaced':
      return `${place}: ${before} replaced by ${after}`;
    case 'changed':
      return `${place}: ${before} from ${rights?.before || 'none'} to ${rights?.after || 'none'}`;
  }
}
