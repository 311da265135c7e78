import type { Decision } from './answer-use.ts';
import { type AnswerKind, answerTest, armTested } from './error-tests.ts';
import type { Step } from './flow-graph.ts';
import type { Expr } from './tree.ts';

/** What a test, or a switch, decides about an answer. */
export function decisionOf(step: Step, isAnswer: (e: Expr) => boolean, kind: AnswerKind): Decision {
  const { expr } = step;
  const edges = step.next;
  const range = { start: step.range.start, end: expr?.end ?? step.range.end };
  if (step.kind === 'switch') {
    const arms = edges.map(({ to, when }) => ({ to, about: armTested(when) }));
    const special = arms.find(({ about }) => about === 'DeleteFirst');
    if (special !== undefined) {
      return {
        k: 'test',
        step,
        about: 'DeleteFirst',
        error: special.to,
        good: null,
        except: [],
        final: true,
        test: range,
        others: arms,
      };
    }
    const failed =
      arms.find(({ about }) => about === 'any error') ?? arms.find(({ about }) => about === 'another error');
    const lookup = arms.find(({ about }) => about === 'FailedLookup');
    const good = arms.find(({ about }) => about === null)?.to ?? restOf(step, failed?.to ?? null);
    if (failed === undefined) {
      const about = lookup === undefined ? 'unclear' : 'FailedLookup';
      return {
        k: 'test',
        step,
        about,
        error: lookup?.to ?? null,
        good,
        except: [],
        final: lookup === undefined && good === null,
        test: range,
        others: arms,
      };
    }
    return {
      k: 'test',
      step,
      about: 'any error',
      error: failed.to,
      good,
      except: lookup === undefined ? [] : ['FailedLookup'],
      final: true,
      test: range,
      others: arms,
    };
  }
  const found = expr === null ? null : answerTest(expr, isAnswer, kind);
  if (found === null || found.about === 'unclear' || found.side === null) {
    return {
      k: 'test',
      step,
      about: 'unclear',
      error: null,
      good: null,
      except: [],
      final: true,
      test: range,
      others: [],
    };
  }
  const error = edges.find(({ when }) => when === found.side)?.to ?? null;
  const good = edges.find(({ when }) => when === !found.side)?.to ?? null;
  const final = found.about === 'any error';
  return { k: 'test', step, about: found.about, error, good, except: found.except, final, test: range, others: [] };
}

/** Behind an arm that takes every error, `Err(e)`, what is left is the good answer; null where no arm does. */
function restOf({ next }: Step, failed: number | null): number | null {
  const labelled = next.flatMap(({ to, when }) => (when !== null && typeof when === 'object' ? [{ to, ...when }] : []));
  const every = labelled.some(
    ({ to, label }) =>
      to === failed && /^\s*(?:\w+::)*Err\(\s*(?:ref\s+|mut\s+)*(?:_\w*|[a-z]\w*)\s*\)\s*$/.test(label),
  );
  return every ? (labelled.find(({ to, label }) => to !== failed && /^\s*_?\s*$/.test(label))?.to ?? null) : null;
}
