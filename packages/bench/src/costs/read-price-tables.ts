import { readFile } from 'node:fs/promises';
import { InputUnreadableError, MalformedInputError } from '@overmap/trace';
import { z } from 'zod';
import { BUILDS } from '../bench-case.ts';
import { ORIGINS, type Price, type PriceTable } from '../price-table.ts';
import { WORK, type Work } from '../work.ts';
import { nearestWord } from './nearest-word.ts';

const number = z.number().nonnegative('must be 0 or more');
const sentence = z.string().trim().min(1);
const PRICE = z.union([
  number,
  z
    .strictObject({
      low: number,
      middle: number,
      high: number,
      note: sentence.optional(),
      // As a document of bench has it. It is not used: what a user gives is given.
      origin: z.enum(ORIGINS).optional(),
    })
    .refine(
      ({ low, middle, high, note }) => note !== undefined || (low === middle && middle === high),
      'lacks "note": a range needs one that says why it is a range',
    ),
]);
const TABLE = z.strictObject({
  arch: z.enum(BUILDS),
  unit: sentence,
  source: sentence,
  prices: z.partialRecord(z.enum(WORK), PRICE).refine((prices) => Object.keys(prices).length > 0, 'is empty'),
  merged: z.partialRecord(z.enum(WORK), z.enum(WORK)).optional(),
});
type Table = z.infer<typeof TABLE>;

const TABLE_KEYS = Object.keys(TABLE.shape);
const LEVELS = ['low', 'middle', 'high'];
const RANGE_KEYS = [...LEVELS, 'note', 'origin'];

/**
 * What walks. Its price may be what an assumed level of walk leaves of a known sum: the dearer the level, the cheaper the
 * rest, so that low, middle and high may come in any order. All other prices rise.
 */
const WALKING: ReadonlySet<Work> = new Set(['map', 'lookupFault', 'unmap', 'tableMap', 'tableUnmap']);

/**
 * Read price tables of a user: one JSON object, or an array of them, one for each architecture. Every price is `given`.
 * docs/formats/costs.md describes them.
 *
 * @throws {@link InputUnreadableError} when the file cannot be read
 * @throws {@link MalformedInputError} when it is no JSON, or not such tables; the sentence names the place, and the word
 * that was probably meant
 */
export async function readPriceTables(path: string): Promise<PriceTable[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new InputUnreadableError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new MalformedInputError(`${path} is not JSON: expected a price table, see docs/formats/costs.md`);
  }
  const list: readonly unknown[] = Array.isArray(json) ? json : [json];
  if (list.length === 0) throw new MalformedInputError(`${path} has no price table`);
  const tables = list.map((one, i) => {
    const where = Array.isArray(json) ? `${path}, table ${i + 1}` : path;
    const parsed = TABLE.safeParse(one);
    if (!parsed.success) throw new MalformedInputError(`${where}: ${explain(parsed.error, one)}`);
    checkOrder(where, parsed.data);
    checkMerged(where, parsed.data);
    return asTable(parsed.data);
  });
  const archs = tables.map(({ arch }) => arch);
  const twice = archs.find((arch, i) => archs.indexOf(arch) !== i);
  if (twice !== undefined) throw new MalformedInputError(`${path} has two tables of ${twice}: keep one`);
  return tables;
}

function asTable({ arch, unit, source, prices, merged }: Table): PriceTable {
  const given: Partial<Record<Work, Price>> = {};
  for (const work of WORK) {
    const price = prices[work];
    if (price === undefined) continue;
    const { low, middle, high, note } = rangeOf(price);
    given[work] = { low, middle, high, origin: 'given', ...(note === undefined ? {} : { note }) };
  }
  return { arch, unit, source, prices: given, ...(merged === undefined ? {} : { merged }) };
}

function rangeOf(price: z.infer<typeof PRICE>): Exclude<typeof price, number> {
  return typeof price === 'number' ? { low: price, middle: price, high: price } : price;
}

function checkOrder(where: string, { prices }: Table): void {
  for (const work of WORK) {
    const price = prices[work];
    if (price === undefined || WALKING.has(work)) continue;
    const { low, middle, high } = rangeOf(price);
    if (low <= middle && middle <= high) continue;
    throw new MalformedInputError(
      `${where}: "prices.${work}": low ≤ middle ≤ high must hold, but of ${[...WALKING].join(', ')}`,
    );
  }
}

function checkMerged(where: string, { prices, merged = {} }: Table): void {
  for (const work of WORK) {
    const into = merged[work];
    if (into === undefined) continue;
    if (prices[work] !== undefined) {
      throw new MalformedInputError(`${where}: "${work}" has a price, and is merged into "${into}": keep one of both`);
    }
    if (prices[into] === undefined) {
      throw new MalformedInputError(`${where}: "${work}" is merged into "${into}", which has no price`);
    }
  }
}

/** The first issue as a sentence. */
function explain(error: z.ZodError, json: unknown): string {
  const [issue] = error.issues;
  const path = issue.path.map(String);
  const at = path.length === 0 ? 'a price table' : `"${path.join('.')}"`;
  if (path.length === 0 && issue.code === 'invalid_type') return 'expected a price table, a JSON object';
  if (issue.code === 'unrecognized_keys') {
    // At the top, among prices, or in a range.
    const known = [TABLE_KEYS, WORK, RANGE_KEYS][path.length];
    return unknownKey(issue.keys[0], known, at);
  }
  const value = path.reduce<unknown>(
    (inside, key) =>
      typeof inside === 'object' && inside !== null ? (inside as Record<string, unknown>)[key] : undefined,
    json,
  );
  if (value === undefined) return `${at} is missing`;
  if (issue.code === 'invalid_value') {
    const known = path[0] === 'arch' ? BUILDS : WORK;
    return `${at} is ${JSON.stringify(value).slice(0, 60)}, which is none of ${known.join(', ')}.${suggest(String(value), known)}`;
  }
  if (issue.code === 'invalid_union') return notAPrice(at, value);
  return `${at}: ${issue.message}`;
}

/** Neither a number nor a range: told for the one that was meant. */
function notAPrice(at: string, value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `${at} must be a number, or {"low", "middle", "high", "note"}`;
  }
  const stranger = Object.keys(value).find((key) => !RANGE_KEYS.includes(key));
  if (stranger !== undefined) return unknownKey(stranger, RANGE_KEYS, at);
  const missing = LEVELS.find((key) => !Object.hasOwn(value, key));
  if (missing !== undefined) return `${at} lacks "${missing}": a range has low, middle, high and a note that says why`;
  return `${at}: low, middle and high must be numbers from 0, the note a sentence, and the origin one of ${ORIGINS.join(', ')}`;
}

function unknownKey(key: string, known: readonly string[], where: string): string {
  return `${where} has an unknown key ${JSON.stringify(key.slice(0, 60))}.${suggest(key, known) || ` Known: ${known.join(', ')}`}`;
}

function suggest(word: string, known: readonly string[]): string {
  const near = nearestWord(word, known);
  return near === null ? '' : ` Did you mean "${near}"?`;
}
