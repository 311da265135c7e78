import { MalformedInputError } from '@overmap/trace';
import { medianSorted } from 'simple-statistics';
import type { Build } from '../bench-case.ts';
import { type Price, type PriceRange, type PriceTable, priceOf } from '../price-table.ts';
import { WORK, type Work, type WorkCounts } from '../work.ts';
import { RECORDED_ARCHS, RECORDED_ROWS, type RecordedArch } from './recorded-costs.ts';
import { type PhaseSummary, readSel4bench, type Sel4benchPhase } from './sel4bench-json.ts';
import { shippedTable } from './shipped-table.ts';

/** Above this many cycles for a map, the file is not of a kernel that merely maps. */
const ABSURD = 20_000;

/** The phases that map pages, with the recorded operation that does the same as one page of it. */
const MAPPING_PHASES = {
  Mapping: 'Page_Map fresh 4K',
  'Protect Pages as Read Only': 'remap of a 4K page, rights changed',
  'Unprotect Pages': 'remap of a 4K page, rights changed',
} as const satisfies Partial<Record<Sel4benchPhase, string>>;
type MappingPhase = keyof typeof MAPPING_PHASES;

/** What a phase says of one page. */
export interface CalibratedPhase {
  readonly phase: MappingPhase;
  /** The slope over the sizes: of the first quartiles, the medians, the third quartiles. */
  readonly cyclesPerPage: PriceRange;
  /** What the shipped table prices the same page at, under its middle assumptions. */
  readonly instructionsPerPage: number;
}

/** Prices in cycles, and what they rest on. */
export interface Calibration {
  readonly table: PriceTable;
  readonly phases: readonly CalibratedPhase[];
  /** Cycles per instruction: the median of the phases; from the least first quartile to the highest third one. */
  readonly factor: PriceRange;
  /** Sentences for people: what makes the figures doubtful. */
  readonly warnings: readonly string[];
}

/**
 * Make a price table in cycles from what sel4bench measured on a machine.
 *
 * Its mapping benchmark says how many cycles a Page_Map takes, of a new page and of the same again, and nothing of the
 * parts of one; it never unmaps. So the shipped table of instructions lends its shape, and one factor, in cycles per
 * instruction, makes cycles of it: every price times the middle factor. How far the phases and quartiles are apart is
 * told, and in no price: it is one factor for all of them, so that it cannot move a comparison of prices. The cycles contain the user's loop and stub, some 15 to
 * 30 instructions of a map, which the tables of aarch64 and riscv64 do not: their factor is some 3 to 5 % too high.
 *
 * @param path - the JSON that sel4bench prints
 * @param arch - of the kernel; the file does not say. sel4bench runs on a kernel without pull request 1526
 * @throws RangeError when nothing is shipped for the architecture
 * @throws {@link InputUnreadableError} and {@link MalformedInputError} as `readSel4bench`; also the latter when a phase
 * that maps is missing, has one size only, or does not take longer for more pages
 */
export async function calibrate(path: string, arch: Build): Promise<Calibration> {
  const shipped = shippedTable(arch);
  const known = RECORDED_ARCHS.find((name) => name === arch);
  if (shipped === undefined || known === undefined) {
    throw new RangeError(
      `calibrating for ${arch} is not possible: there is no table of instructions to lend its shape. There is one of ${RECORDED_ARCHS.join(', ')}`,
    );
  }
  const summaries = await readSel4bench(path);
  const phases = (Object.keys(MAPPING_PHASES) as MappingPhase[]).map((phase): CalibratedPhase => {
    const work = workOfPage(known, phase);
    return {
      phase,
      cyclesPerPage: slopes(path, phase, summaries),
      instructionsPerPage: priceOf(work, shipped).middle,
    };
  });
  const ratios = (level: keyof PriceRange): number[] =>
    phases
      .map(({ cyclesPerPage, instructionsPerPage }) => cyclesPerPage[level] / instructionsPerPage)
      .toSorted((a, b) => a - b);
  const factor = {
    low: Math.min(...ratios('low')),
    middle: medianSorted(ratios('middle')),
    high: Math.max(...ratios('high')),
  };
  return { table: scaled(shipped, factor, phases), phases, factor, warnings: warningsOf(path, phases, factor) };
}

/** What one page of a phase does on a kernel without the pull request; RISC-V's is the same under both policies. */
function workOfPage(arch: RecordedArch, phase: MappingPhase): WorkCounts {
  const rows = RECORDED_ROWS.filter((row) => row.arch === arch && row.operation === MAPPING_PHASES[phase]);
  const row = rows.find(({ policy }) => policy === 'legacy') ?? rows[0];
  if (row === undefined) throw new Error(`nothing was recorded of "${MAPPING_PHASES[phase]}" on ${arch}`);
  return row.features;
}

function slopes(path: string, phase: MappingPhase, summaries: readonly PhaseSummary[]): PriceRange {
  const sizes = summaries.filter((one) => one.phase === phase).toSorted((a, b) => a.pages - b.pages);
  if (new Set(sizes.map(({ pages }) => pages)).size < 2) {
    throw new MalformedInputError(
      `${path}: the phase "${phase}" has ${sizes.length === 0 ? 'no results' : 'results for one number of pages only'}; two numbers are needed to tell cycles per page`,
    );
  }
  const of = (value: (one: PhaseSummary) => number): number => slope(sizes.map((one) => [one.pages, value(one)]));
  const middle = of((one) => one.median);
  if (!(middle > 0)) {
    throw new MalformedInputError(`${path}: the phase "${phase}" does not take longer for more pages`);
  }
  const quartiles = [of((one) => one.quartile1), of((one) => one.quartile3)];
  return { low: Math.max(0, Math.min(middle, ...quartiles)), middle, high: Math.max(middle, ...quartiles) };
}

/** The median slope between two points (Theil-Sen): one wrong size does not bend it. */
function slope(points: readonly (readonly [pages: number, cycles: number])[]): number {
  const between = points.flatMap(([x, y], i) =>
    points.slice(i + 1).flatMap(([x2, y2]) => (x2 === x ? [] : [(y2 - y) / (x2 - x)])),
  );
  return medianSorted(between.toSorted((a, b) => a - b));
}

function scaled(shipped: PriceTable, factor: PriceRange, phases: readonly CalibratedPhase[]): PriceTable {
  const map = phases[0].cyclesPerPage.middle;
  const measured = `only their sum was measured: ${Math.round(map)} cycles for a Page_Map; split as the table of instructions splits it`;
  const shape = 'not measured by sel4bench: the price of the table of instructions, times the same factor';
  const prices: Partial<Record<Work, Price>> = {};
  for (const work of WORK) {
    const price = shipped.prices[work];
    if (price === undefined) continue;
    const inside = price.origin !== 'assumed' && PARTS.has(work);
    prices[work] = {
      low: price.low * factor.middle,
      middle: price.middle * factor.middle,
      high: price.high * factor.middle,
      origin: inside ? 'fitted' : 'assumed',
      note: inside ? measured : `${shape}${work === 'unmap' ? '. sel4bench never unmaps' : ''}`,
    };
  }
  return {
    arch: shipped.arch,
    unit: 'cycles',
    source:
      `Calibrated with the mapping benchmark of sel4bench: ${factor.middle.toFixed(2)} cycles per instruction ` +
      `(${factor.low.toFixed(2)} to ${factor.high.toFixed(2)}: ${together(factor)}), times the shipped prices in instructions. Unmapping was not measured.`,
    prices,
    ...(shipped.merged === undefined ? {} : { merged: shipped.merged }),
  };
}

/** How far off all prices may be, by the same share. */
function together({ low, middle, high }: PriceRange): string {
  const share = (x: number): string => (100 * Math.abs(x / middle - 1)).toFixed(1);
  return `every price may be ${share(low)} % lower to ${share(high)} % higher, all together`;
}

/** What a page of the measured phases consists of. */
const PARTS: ReadonlySet<Work> = new Set(['entry', 'call', 'map', 'walkLevel']);

function warningsOf(path: string, phases: readonly CalibratedPhase[], factor: PriceRange): string[] {
  const warnings: string[] = [];
  const dear = phases.filter(({ cyclesPerPage }) => cyclesPerPage.middle > ABSURD);
  if (dear.length > 0) {
    const most = Math.round(Math.max(...dear.map(({ cyclesPerPage }) => cyclesPerPage.middle)));
    warnings.push(
      `${path}: ${most} cycles for the map of one page is no speed of a kernel (more than ${ABSURD}): was it emulated, ` +
        'instrumented, or did it print? The shape of the prices holds, their size means nothing',
    );
  }
  if (factor.high - factor.low > factor.middle / 1000) {
    warnings.push(
      `${path}: the phases and quartiles are from ${factor.low.toFixed(2)} to ${factor.high.toFixed(2)} cycles per instruction: ` +
        `${together(factor)}, which moves no comparison` +
        (factor.high > 2 * factor.low ? '; that is too far apart for one factor to say much' : ''),
    );
  }
  return warnings;
}
