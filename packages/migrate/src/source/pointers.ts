import { FuncModel } from './func-model.ts';
import type { CallerFile } from './caller-file.ts';
import { mapCallsOf } from './map-calls.ts';
import type { Pointer, SinkTable } from './sink-table.ts';
import type { ParsedFunc } from './source-file.ts';
import { type Closure, visit } from './tree.ts';
import { wrapperOf } from './wrappers.ts';

/**
 * What in a function holds a function that maps, or is handed one: fields, variables, parameters of what it calls, and
 * what it gives back. Those of the function itself are told to the table at once, since what follows them may need them.
 */
export function pointersOf(model: FuncModel, table: SinkTable, caller: CallerFile, text: string): Pointer[] {
  const found: Pointer[] = [];
  const { func } = model;
  const { path: file } = caller;
  const rust = func.language === 'rust';
  const key = String(func.within ?? func.start);
  const hold = (name: string, sink: Pointer['sink'], start: number): void => {
    if (!func.outside && model.isLocal(name)) table.point({ name, as: 'local', of: key, file, rust, sink });
    else {
      const shared = func.outside && !/^\s*static\b/.test(text.slice(start, start + 40));
      found.push({ name, as: 'variable', file, rust, shared, sink });
    }
  };
  for (const { kind, expr, range, tail } of model.graph.steps) {
    if (expr === null) continue;
    // Closures first: what holds them comes around them.
    visit(expr, (e) => {
      const closure = e.k === 'closure' ? e : e.k === 'other' ? e.closure : undefined;
      if (closure !== undefined) table.closures.set(closure, ofClosure(closure, model, table, caller, text));
    });
    if ((kind === 'return' || tail) && func.name !== '' && func.within === undefined) {
      const sink = table.ofValue(expr, model, file);
      // A parameter that is given back is what the caller has already.
      if (sink !== null && expr.k !== 'call') found.push({ name: func.name, as: 'result', file, rust, sink });
    }
    visit(expr, (e) => {
      if (e.k === 'init') {
        e.entries.forEach(({ name, value }, index) => {
          const sink = table.ofValue(value, model, file);
          if (sink === null) return;
          if (name !== null) found.push({ name, as: 'field', file, rust, sink });
          else if (e.type !== undefined) found.push({ name: e.type, as: 'slot', of: e.type, index, file, rust, sink });
        });
      } else if (e.k === 'assign') {
        const { to, value } = e;
        const sinks = value.k === 'init' ? value.entries.map((entry) => entry.value) : [value];
        // Values of a table one by one; `{ .map = … }` has been seen above.
        const sink = sinks.map((each) => table.ofValue(each, model, file)).find((each) => each !== null) ?? null;
        if (sink === null || (value.k === 'init' && value.entries.some(({ name }) => name !== null))) return;
        const held = to.k === 'index' ? to.of : to;
        if (held.k === 'field') found.push({ name: held.name, as: 'field', file, rust, sink });
        else if (held.k === 'name') hold(held.name, sink, range.start);
      } else if (e.k === 'call') {
        e.args.forEach((arg, index) => {
          if (e.name === '') return;
          const sink = table.ofValue(arg, model, file);
          if (sink !== null)
            found.push({ name: `${e.name}#${index}`, as: 'parameter', of: e.name, index, file, rust, sink });
        });
      }
    });
  }
  return found;
}

/** What calls of a closure map. */
function ofClosure(
  closure: Closure,
  around: FuncModel,
  table: SinkTable,
  caller: CallerFile,
  text: string,
): Pointer['sink'] | null {
  const { func } = around;
  const { start, end, params, body } = closure;
  const own: ParsedFunc = {
    start,
    end,
    name: '(closure)',
    owner: func.owner,
    params,
    types: params.map(() => ''),
    // What it captures of an object is the object's.
    method: false,
    declares: [],
    declaredTypes: func.declaredTypes ?? new Map(),
    body: body.k === 'body' ? body.body : { start, end, k: 'expr', expr: body, tail: true },
    macro: false,
    returns: func.language === 'rust' ? '-> Result<()>' : 'auto',
    language: func.language,
    broken: func.broken,
    outside: false,
    local: true,
    within: func.within ?? func.start,
  };
  const model = new FuncModel(own, text);
  // Closures inside of it.
  pointersOf(model, table, caller, text);
  return wrapperOf(model, mapCallsOf(model, table, caller), caller.path);
}
