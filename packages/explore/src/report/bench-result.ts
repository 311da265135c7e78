import { escapeText } from '@overmap/trace';
import type { ModelledDocument, TimedDocument, TraceDocument } from '@overmap/bench';
import { type JsonObject, listAt, nullable, numberAt, numbersAt, objectAt, oneOfAt, textAt } from './json-shape.ts';

/** A result of `bench --format json`. */
export type BenchResult =
  | { readonly kind: 'bench'; readonly of: 'modelled'; readonly document: ModelledDocument }
  | { readonly kind: 'bench'; readonly of: 'timed'; readonly document: TimedDocument }
  | { readonly kind: 'bench'; readonly of: 'trace'; readonly document: TraceDocument };

/**
 * What is drawn of a result is checked; the rest stays as it is.
 *
 * @throws RunFileError - when it is none
 */
export function benchResult(value: JsonObject): BenchResult {
  textAt(objectAt(value['tool'], 'tool')['version'], 'tool.version');
  if (oneOfAt(value['measure'], ['modelled', 'timed'], 'measure') === 'timed') {
    checkTimed(value);
    return { kind: 'bench', of: 'timed', document: value as unknown as TimedDocument };
  }
  if (value['trace'] !== undefined) {
    checkTrace(value);
    return { kind: 'bench', of: 'trace', document: value as unknown as TraceDocument };
  }
  checkModelled(value);
  return { kind: 'bench', of: 'modelled', document: value as unknown as ModelledDocument };
}

function checkTimed(value: JsonObject): void {
  const machine = objectAt(value['machine'], 'machine');
  for (const key of ['cpu', 'platform', 'node', 'v8']) textAt(machine[key], `machine.${key}`);
  numbersAt(machine, ['cores', 'memory'], 'machine');
  numbersAt(objectAt(value['load'], 'load'), ['start', 'end', 'cores'], 'load');
  numberAt(value['seed'], 'seed');
  for (const given of listAt(value['cases'], 'cases')) {
    const one = objectAt(given, 'a case');
    textAt(one['name'], 'name of a case');
    numbersAt(
      objectAt(one['perPage'], 'perPage'),
      ['median', 'mad', 'p99', 'n', 'outliers', 'low95', 'high95'],
      'perPage',
    );
    numberAt(objectAt(one['ratioToReference'], 'ratioToReference')['median'], 'ratioToReference.median');
  }
  for (const given of listAt(value['failed'], 'failed')) {
    const one = objectAt(given, 'a failed case');
    textAt(one['name'], 'name of a failed case');
    textAt(one['reason'], 'reason of a failed case');
  }
  for (const text of listAt(value['warnings'], 'warnings')) textAt(text, 'a warning');
}

function checkTrace(value: JsonObject): void {
  for (const key of ['trace', 'arch', 'policy']) textAt(value[key], key);
  nullable(value['build'], (text) => textAt(text, 'build'));
  numbersAt(value, ['events', 'operations', 'assumed', 'badLines', 'failures'], 'the result');
  nullable(value['table'], checkTable);
  numberAt(checkPriced(value['single'], 'single')['invocations'], 'single.invocations');
  for (const given of listAt(value['plans'], 'plans')) {
    const plan = checkPriced(given, 'plans');
    numbersAt(plan, ['batched', 'batches', 'invocations'], 'plans');
    nullable(plan['saving'], (range) => checkRange(range, 'plans.saving'));
    nullable(plan['difference'], (text) => textAt(text, 'plans.difference'));
  }
  nullable(value['strictness'], (given) => {
    const strictness = objectAt(given, 'strictness');
    numbersAt(strictness, ['overMaps', 'aliases', 'extraUnmaps'], 'strictness');
    for (const side of ['legacy', 'strict'])
      nullable(strictness[side], (one) => checkPriced(one, `strictness.${side}`));
  });
}

function checkPriced(value: unknown, what: string): JsonObject {
  const one = objectAt(value, what);
  checkWork(one['work'], `${what}.work`);
  nullable(one['price'], (price) => {
    checkRange(price, `${what}.price`);
    textAt(objectAt(price, what)['unit'], `${what}.price.unit`);
  });
  return one;
}

function checkModelled(value: JsonObject): void {
  numberAt(value['seed'], 'seed');
  numberAt(value['failures'], 'failures');
  listAt(value['tables'], 'tables').forEach(checkTable);
  for (const given of listAt(value['cases'], 'cases')) {
    const one = objectAt(given, 'a case');
    for (const key of ['name', 'workload', 'build', 'policy']) textAt(one[key], `${key} of a case`);
    nullable(one['pattern'], (text) => textAt(text, 'pattern of a case'));
    numbersAt(one, ['bits', 'pages', 'batch', 'changes', 'operations', 'invocations'], 'a case');
    checkWork(one['work'], 'work of a case');
    nullable(one['failed'], (failed) =>
      oneOfAt(objectAt(failed, 'failed')['kind'], ['operation', 'worker'], 'failed.kind'),
    );
    nullable(one['price'], (price) => {
      checkRange(price, 'price');
      checkRange(objectAt(price, 'price')['perPage'], 'price.perPage');
    });
  }
  for (const given of listAt(value['breakEven'], 'breakEven')) {
    const row = objectAt(given, 'breakEven');
    for (const key of ['name', 'workload', 'build']) textAt(row[key], `breakEven.${key}`);
    for (const key of ['low', 'middle', 'high']) nullable(row[key], (n) => numberAt(n, `breakEven.${key}`));
    numberAt(row['upTo'], 'breakEven.upTo');
  }
}

function checkTable(value: unknown): void {
  const table = objectAt(value, 'a price table');
  for (const key of ['arch', 'unit', 'source']) textAt(table[key], `${key} of a price table`);
  for (const [work, price] of Object.entries(objectAt(table['prices'], 'prices of a price table')))
    checkRange(price, `the price of ${escapeText(work, 40)}`);
}

function checkRange(value: unknown, what: string): void {
  numbersAt(objectAt(value, what), ['low', 'middle', 'high'], what);
}

function checkWork(value: unknown, what: string): void {
  for (const n of Object.values(objectAt(value, what))) numberAt(n, what);
}
