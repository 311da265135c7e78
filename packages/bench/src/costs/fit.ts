import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { WORK, type Work, type WorkCounts } from '../work.ts';

/** An invocation with what it did and what it cost. */
export interface FitRow {
  /** Rows with the same name are left out together. */
  readonly operation: string;
  /** Above 0, in the unit of the prices. */
  readonly instructions: number;
  readonly features: WorkCounts;
}

/** Work that has the price of other work: { tableUnmap: 'tableMap' }. */
type Alike = Partial<Readonly<Record<Work, Work>>>;

/** Which prices rows are to be explained by. Work that is in none of these is no part of it. */
export interface PriceModel<Row extends FitRow = FitRow> {
  /** Fitted: one parameter each. */
  readonly fitted: readonly Work[];
  /** Fitted together with others, one price for both. */
  readonly alike?: Alike;
  /** Read off the rows before anything is fitted to what is left of them: one parameter each; null: they do not tell. */
  readonly readOff?: Partial<Readonly<Record<Work, (rows: readonly Row[]) => number | null>>>;
}

/** Prices, by work. Only what the model prices has one. */
export type FittedPrices = Partial<Readonly<Record<Work, number>>>;

/** A fit. */
export interface Fit {
  readonly prices: FittedPrices;
  /** Work whose price would have been negative, and was set to 0 instead. */
  readonly atZero: readonly Work[];
}

/** What a model takes from the rows, one price each. */
export function parametersOf<Row extends FitRow>({ fitted, readOff = {} }: PriceModel<Row>): readonly Work[] {
  return WORK.filter((work) => fitted.includes(work) || readOff[work] !== undefined);
}

/**
 * Prices that explain the rows best: least squares of the relative errors (a row is divided by what it cost), so that a
 * dear row weighs no more than a cheap one.
 *
 * No price is negative: while one is, the most negative is taken out and counts as 0. What the rows do not determine
 * gets the smallest price that fits (none, where no row does it), and 0 where it is to be read off them.
 *
 * @param rows - what was recorded
 * @param model - what is to be priced; other features are left out
 */
export function fitPrices<Row extends FitRow>(rows: readonly Row[], model: PriceModel<Row>): Fit {
  const { fitted, alike = {} } = model;
  const known = readOffPrices(rows, model);
  const atZero: Work[] = [];
  let left = fitted.filter((work) => rows.some((row) => amount(row, work, alike) > 0));
  for (;;) {
    const prices = solve(rows, left, alike, known);
    const worst = left.reduce((least, work) => (prices[work] < prices[least] ? work : least), left[0]);
    if (worst === undefined || prices[worst] >= -1e-9) {
      const priced = (work: Work, as: Work): [Work, number] => [work, left.includes(as) ? Math.max(0, prices[as]) : 0];
      const all = [
        ...fitted.map((work) => priced(work, work)),
        ...Object.entries(alike).map(([work, as]) => priced(work as Work, as)),
      ];
      return { prices: { ...known, ...Object.fromEntries(all) }, atZero };
    }
    atZero.push(worst);
    left = left.filter((work) => work !== worst);
  }
}

/** What prices make of features; work without a price counts as free. */
export function predict(features: WorkCounts, prices: FittedPrices): number {
  return WORK.reduce((sum, work) => sum + (features[work] ?? 0) * (prices[work] ?? 0), 0);
}

/** Relative error of a prediction: 0.05 = 5 % too dear. */
export function errorOf(row: FitRow, prices: FittedPrices): number {
  return predict(row.features, prices) / row.instructions - 1;
}

/** How well rows are predicted by those that are left when they are taken away. */
export interface LeaveOut {
  /** Relative errors, by row; null: nothing else determines some of its work, so that nothing can be predicted. */
  readonly errors: readonly (number | null)[];
  /** Of the errors' absolute values. */
  readonly median: number;
  readonly max: number;
  /** Names of the operations of rows that cannot be predicted, each once. */
  readonly sole: readonly string[];
  /** The median if they count as well, what is not determined at the smallest price that fits. */
  readonly medianWithSole: number;
}

/**
 * Leave out each row, or with `together` each operation with all its rows, fit the rest, and predict what was left out.
 * What is read off the rows is read off the rest.
 */
export function leaveOut<Row extends FitRow>(
  rows: readonly Row[],
  model: PriceModel<Row>,
  together: boolean,
): LeaveOut {
  const all: number[] = [];
  const errors = rows.map((row) => {
    const rest = rows.filter((other) => (together ? other.operation !== row.operation : other !== row));
    const error = errorOf(row, fitPrices(rest, model).prices);
    all.push(Math.abs(error));
    return determines(rest, row, model) ? error : null;
  });
  const known = errors.filter((error) => error !== null).map(Math.abs);
  const sole = rows.filter((_, i) => errors[i] === null).map(({ operation }) => operation);
  return {
    errors,
    median: median(known),
    max: Math.max(...known),
    sole: [...new Set(sole)],
    medianWithSole: median(all),
  };
}

/** Whether what a row costs follows from the others: they tell what is read off, and its features are a sum of theirs. */
function determines<Row extends FitRow>(others: readonly Row[], row: Row, model: PriceModel<Row>): boolean {
  const { fitted, alike = {}, readOff = {} } = model;
  if (Object.values(readOff).some((read) => read(others) === null)) return false;
  return rankOf(others, fitted, alike) === rankOf([...others, row], fitted, alike);
}

function rankOf(rows: readonly FitRow[], works: readonly Work[], alike: Alike): number {
  return new SingularValueDecomposition(design(rows, works, alike), { autoTranspose: true }).rank;
}

function readOffPrices<Row extends FitRow>(rows: readonly Row[], { readOff = {} }: PriceModel<Row>): FittedPrices {
  return Object.fromEntries(Object.entries(readOff).map(([work, read]) => [work, read(rows) ?? 0]));
}

/** How much of a work a row did, together with what has the same price. */
function amount({ features }: FitRow, work: Work, alike: Alike): number {
  const same = WORK.filter((other) => other === work || alike[other] === work);
  return same.reduce((sum, other) => sum + (features[other] ?? 0), 0);
}

/** A row for each row, a column for each work, each column between 0 and 1. */
function design(rows: readonly FitRow[], works: readonly Work[], alike: Alike): Matrix {
  const scales = scalesOf(rows, works, alike);
  return new Matrix(rows.map((row) => works.map((work, i) => amount(row, work, alike) / scales[i])));
}

function scalesOf(rows: readonly FitRow[], works: readonly Work[], alike: Alike): number[] {
  return works.map((work) => Math.max(1, ...rows.map((row) => amount(row, work, alike))));
}

/** The least-squares solution of least norm, of what known prices leave of the rows. */
function solve(
  rows: readonly FitRow[],
  works: readonly Work[],
  alike: Alike,
  known: FittedPrices,
): Record<string, number> {
  if (works.length === 0) return {};
  const scales = scalesOf(rows, works, alike);
  const relative = design(rows, works, alike);
  rows.forEach(({ instructions }, i) => relative.mulRow(i, 1 / instructions));
  const left = rows.map(({ instructions, features }) => 1 - predict(features, known) / instructions);
  const solution = new SingularValueDecomposition(relative, { autoTranspose: true }).solve(Matrix.columnVector(left));
  return Object.fromEntries(works.map((work, i) => [work, solution.get(i, 0) / scales[i]]));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
