import { type Call, type Expr, type Stmt, visit } from './tree.ts';

/** Whether statements, or a closure, stand in an expression. */
export const holdsBody = (e: Expr): boolean => {
  let found = false;
  visit(e, (part) => {
    if (part.k === 'body' || part.k === 'closure') found = true;
  });
  return found;
};

/** Takes statements out of an expression; what stands in their place is their value, where that is one expression. */
export function hoist(e: Expr, before: Stmt[]): Expr {
  const one = (part: Expr): Expr => hoist(part, before);
  switch (e.k) {
    case 'body': {
      const { body } = e;
      if (body.k === 'block') {
        const last = body.body.at(-1);
        if (last === undefined) return { ...e, k: 'other', kids: [] };
        before.push(...body.body.slice(0, -1));
        if (last.k === 'expr') return one(last.expr);
        before.push(last);
      } else before.push(body);
      return { start: e.start, end: e.end, k: 'other', kids: [] };
    }
    case 'closure':
      return takenOut(e, before, null);
    case 'name':
    case 'literal':
      return e;
    case 'call': {
      const on = e.on === null ? null : one(e.on);
      // What is called may be made by statements, too.
      const callee = e.on === null && e.callee.k !== 'name' ? one(e.callee) : e.callee;
      return {
        ...e,
        callee,
        on,
        args: e.args.map((arg) => (arg.k === 'closure' ? takenOut(arg, before, e.name) : one(arg))),
      };
    }
    case 'field':
    case 'unary':
    case 'cast':
    case 'try':
      return { ...e, of: one(e.of) };
    case 'index':
      return { ...e, of: one(e.of), at: one(e.at) };
    case 'binary':
      return { ...e, left: one(e.left), right: one(e.right) };
    case 'assign':
      return { ...e, value: one(e.value) };
    case 'choice':
      return { ...e, test: one(e.test), yes: one(e.yes), no: one(e.no) };
    case 'init':
      if (e.made !== undefined) return { ...e, made: { ...e.made, args: e.made.args.map(one) } };
      return { ...e, entries: e.entries.map(({ name, value }) => ({ name, value: one(value) })) };
    case 'other':
      return { ...e, kids: e.kids.map(one) };
  }
}

/** Methods and functions that run a closure for each of many. */
const FOR_EACH = /^(?:try_)?(?:for_each|fold|map_while|filter_map|flat_map|any|all|scan)$|^for_each_n$|^transform$/;

/** Puts the statements of a closure into the flow: they run once, or not, or for each of many. */
function takenOut(e: Expr & { k: 'closure' }, before: Stmt[], taker: string | null): Expr {
  const { start, end } = e;
  const body: Stmt = e.body.k === 'body' ? e.body.body : { start, end, k: 'expr', expr: e.body, tail: true };
  // Its value goes to whoever calls it; an error ends what tries each of many.
  const tries = taker?.startsWith('try_') === true;
  const given = ended(body, (value) => {
    const expr: Expr = tries ? { start: value.start, end: value.end, k: 'try', of: value } : handedOn(value);
    return { start: value.start, end: value.end, k: 'expr', expr, tail: false };
  });
  if (taker !== null && FOR_EACH.test(taker)) {
    const names = e.params;
    before.push({ start, end, k: 'loop', start_: [], test: null, step: null, body: given, once: false, names });
  } else before.push({ start, end, k: 'branches', bodies: [[given]], total: false });
  return { start, end, k: 'other', kids: [], closure: e };
}

/** A value that somebody takes who is not seen. */
const handedOn = (value: Expr): Expr => {
  const { start, end } = value;
  return {
    start,
    end,
    k: 'call',
    name: '',
    callee: { start, end: start, k: 'name', name: '' },
    on: null,
    args: [value],
    bang: false,
  };
};

/**
 * An expression around statements as these statements, with what stands around them put around their values:
 * `x = { a; b }` as `{ a; x = b }`. Null where it is no such expression.
 */
export function pushed(e: Expr, made: (value: Expr) => Stmt): Stmt | null {
  switch (e.k) {
    case 'body':
      return ended(e.body, made);
    case 'cast':
    case 'try':
      return pushed(e.of, (of) => made({ ...e, of }));
    case 'assign':
      return pushed(e.value, (value) => made({ ...e, value }));
    case 'call':
      return e.on === null ? null : pushed(e.on, (on) => made({ ...e, on } as Call));
    default:
      return null;
  }
}

function ended(stmt: Stmt, made: (value: Expr) => Stmt): Stmt {
  switch (stmt.k) {
    case 'expr':
      return stmt.tail ? made(stmt.expr) : stmt;
    case 'block': {
      const last = stmt.body.at(-1);
      return last === undefined ? stmt : { ...stmt, body: [...stmt.body.slice(0, -1), ended(last, made)] };
    }
    case 'if':
      return {
        ...stmt,
        yes: ended(stmt.yes, made),
        otherwise: stmt.otherwise === null ? null : ended(stmt.otherwise, made),
      };
    case 'switch': {
      const arms = stmt.arms.map((arm) => {
        const last = arm.body.at(-1);
        return last === undefined ? arm : { ...arm, body: [...arm.body.slice(0, -1), ended(last, made)] };
      });
      return { ...stmt, arms };
    }
    default:
      return stmt;
  }
}
