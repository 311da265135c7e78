import type { When } from './flow-graph.ts';
import { bare, type Call, type Expr, show, type Stmt, visit } from './tree.ts';

/** Which answers of a map a test is about. */
export type Tested = 'any error' | 'DeleteFirst' | 'FailedLookup' | 'InvalidCapability' | 'another error' | 'unclear';

/** What a test says about an answer. */
export interface AnswerTest {
  readonly about: Tested;
  /** The side that is taken when the answer is what `about` says; null = any of the sides may. */
  readonly side: boolean | null;
  /** For a test of `any error`: these errors do not count (`e != NoError && e != DeleteFirst`). */
  readonly except: readonly Tested[];
}

/** How an answer says that all went well. */
export type AnswerKind = 'error' | 'success' | 'result';

/** The meaning of a constant that an answer is compared with; null = it is the good answer. */
function constant(e: Expr, kind: AnswerKind): Tested | null {
  const text = show(e);
  if (/delete_?first/i.test(text)) return 'DeleteFirst';
  if (/failed_?lookup/i.test(text)) return 'FailedLookup';
  if (/invalid_?cap/i.test(text)) return 'InvalidCapability';
  if (/no_?error|^0$|success|^(?:std_)?ok$|_OK$|^ESUCCESS$|noerr|^None$/i.test(text))
    return kind === 'success' ? 'any error' : null;
  // A capability that is none, for functions that give one.
  if (
    /^(?:NULL|nullptr|false)$|^(?:seL4_)?Cap_?Null$|^[A-Z_\d]*CAP_NULL$|^(?:NULL|NO|INVALID)_[A-Z_\d]*(?:CAP|SLOT|CPTR|FRAME|PAGE|REF)[A-Z_\d]*$|^CSPACE_NULL$/.test(
      text,
    )
  )
    return kind === 'error' ? null : 'any error';
  // Wrappers say -1 of any error.
  if (/^-\d+$/.test(text)) return 'any error';
  if (/^(?:true|1)$/.test(text)) return kind === 'error' ? 'another error' : null;
  return 'another error';
}

const unknown: AnswerTest = { about: 'unclear', side: null, except: [] };

/**
 * What a test says about an answer.
 *
 * @param isAnswer - whether a part of it is the answer, or the variable that has it
 */
export function answerTest(test: Expr, isAnswer: (e: Expr) => boolean, kind: AnswerKind): AnswerTest {
  const e = test.k === 'cast' ? test.of : test;
  if (e !== test) return answerTest(e, isAnswer, kind);
  if (isAnswer(e)) return { about: 'any error', side: kind !== 'success', except: [] };
  switch (e.k) {
    case 'unary': {
      if (e.op !== '!')
        return e.op === '&' || e.op === '*' || e.op === '-' ? answerTest(e.of, isAnswer, kind) : unknown;
      const inner = answerTest(e.of, isAnswer, kind);
      return { ...inner, side: inner.side === null ? null : !inner.side };
    }
    case 'assign':
      return isAnswer(e.to) || holds(e.value, isAnswer)
        ? answerTest(e.value, (x) => isAnswer(x) || x === e.value, kind)
        : unknown;
    case 'call': {
      if (e.on !== null && holds(e.on, isAnswer)) {
        if (OF_CLOSURE.test(e.name)) return byClosure(e, kind);
        if (/^is_err|^err$|^has_error|^failed/.test(e.name)) return { about: 'any error', side: true, except: [] };
        if (/^is_ok|^ok$|^is_some|^success|^succeeded/.test(e.name))
          return { about: 'any error', side: false, except: [] };
        return { about: 'unclear', side: null, except: [] };
      }
      const given = e.args.find((arg) => holds(arg, isAnswer));
      if (given === undefined) return unknown;
      if (/^(?:un)?likely$|^__builtin_expect$|^unlikely_?|^bool$/i.test(e.name))
        return answerTest(given, isAnswer, kind);
      if (/fail|err|bad|^!NT_SUCCESS/i.test(e.name)) return { about: 'any error', side: true, except: [] };
      if (/succe|ok$|good/i.test(e.name)) return { about: 'any error', side: false, except: [] };
      if (e.bang && e.name === 'matches') {
        const text = e.args.map(show).join(' ');
        if (/delete_?first/i.test(text)) return { about: 'DeleteFirst', side: true, except: [] };
        if (/failed_?lookup/i.test(text)) return { about: 'FailedLookup', side: true, except: [] };
      }
      return unknown;
    }
    case 'binary':
      return compared(e, isAnswer, kind);
    default:
      return unknown;
  }
}

/** Methods that ask a closure about the error, or about the good value. */
const OF_CLOSURE = /^is_(?:err|ok|some)_and$|^is_none_or$/;

/** `answer.is_err_and(|e| e == FailedLookup)`: what the closure says of the error that it is given. */
function byClosure({ name, args }: Call, kind: AnswerKind): AnswerTest {
  const [given] = args;
  const closure = given?.k === 'other' ? given.closure : given;
  if (name !== 'is_err_and' || closure?.k !== 'closure') return unknown;
  const { params, body } = closure;
  const inside = body.k === 'body' ? soleValue(body.body) : body;
  const [error] = params;
  if (error === undefined || inside === null) return unknown;
  return answerTest(inside, (e) => show(e) === error, kind);
}

/** The value of a block that has nothing but a value. */
function soleValue(block: Stmt): Expr | null {
  if (block.k === 'expr') return block.expr;
  return block.k === 'block' && block.body.length === 1 && block.body[0] !== undefined
    ? soleValue(block.body[0])
    : null;
}

function compared(e: Expr & { k: 'binary' }, isAnswer: (e: Expr) => boolean, kind: AnswerKind): AnswerTest {
  const { op, left, right } = e;
  if (op === '&&' || op === '||') {
    const sides = [answerTest(left, isAnswer, kind), answerTest(right, isAnswer, kind)].filter(
      ({ about }) => about !== 'unclear',
    );
    const [first, second] = sides;
    if (first === undefined) return unknown;
    if (second === undefined) {
      // The other half is about something else: only one side of the test says something.
      return first;
    }
    // "error and not this error", in either order.
    const general = sides.find(({ about }) => about === 'any error');
    const special = sides.filter(({ about }) => about !== 'any error');
    if (op === '&&' && general?.side === true && special.every(({ side }) => side === false)) {
      return { about: 'any error', side: true, except: special.map(({ about }) => about) };
    }
    if (op === '||' && general?.side === false && special.every(({ side }) => side === true)) {
      return { about: 'any error', side: false, except: special.map(({ about }) => about) };
    }
    if (op === '&&' && special.length === 2 && special.every(({ side }) => side === false)) {
      return { about: 'any error', side: true, except: special.map(({ about }) => about) };
    }
    return first.about === 'any error' ? (second ?? first) : first;
  }
  const here = holds(left, isAnswer) ? left : holds(right, isAnswer) ? right : null;
  if (here === null) return unknown;
  const against = here === left ? right : left;
  if (here.k !== 'name' && here !== bare(here) && !isAnswer(here) && here.k === 'binary') return unknown;
  if (op === '<' || op === '>' || op === '>=' || op === '<=') {
    const bad = (op === '<') === (here === left);
    return {
      about: 'any error',
      side: kind === 'success' ? !bad : op === '>' || op === '<' ? true : false,
      except: [],
    };
  }
  if (op !== '==' && op !== '!=') return unknown;
  const about = constant(against, kind);
  const same = op === '==';
  if (about === null) return { about: 'any error', side: !same, except: [] };
  return { about, side: same, except: [] };
}

/** Whether an expression has the answer in it. */
export function holds(e: Expr, isAnswer: (e: Expr) => boolean): boolean {
  let found = false;
  visit(e, (part) => {
    if (isAnswer(part)) found = true;
  });
  return found;
}

/** What an arm of a switch or match over an answer is for; null = for the good answer. */
export function armTested(when: When): Tested | null {
  if (when === null || typeof when === 'boolean') return 'unclear';
  const { label } = when;
  if (/delete_?first/i.test(label)) return 'DeleteFirst';
  if (/failed_?lookup/i.test(label)) return 'FailedLookup';
  if (/invalid_?cap/i.test(label)) return 'InvalidCapability';
  if (/no_?error|^\s*(?:[\w:]*::)?Ok\b|^0$|success|_OK$/i.test(label)) return null;
  if (/\bErr\b|^_$|^$|^[a-z_]\w*$/.test(label)) return 'any error';
  return 'another error';
}
