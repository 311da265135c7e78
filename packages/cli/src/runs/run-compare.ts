import type * as comparePackage from '@overmap/compare';
import type { Comparison, Scenario, SystemUnderPolicy } from '@overmap/compare';
import { type DataTable, tableCsv, tableMarkdown, tableText } from '@overmap/report';
import { MalformedInputError } from '@overmap/trace';
import type { CompareRequest } from '../commands/compare.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { ExitCode } from '../exit-code.ts';
import { quoted } from '../printable.ts';
import { UsageError } from '../usage-error.ts';
import { version } from '../version.ts';
import { readScenario } from './read-scenario.ts';
import { screen } from './screen.ts';
import { inSession } from './session.ts';

type Compare = typeof comparePackage;

/** Runs `overmap compare`. */
export async function runCompare(request: CompareRequest): Promise<ExitCode> {
  const compare = await import('@overmap/compare');
  const systems = request.systems === undefined ? compare.SYSTEMS : chosen(compare, request.systems);
  const shipped = compare.shippedNames();
  const summarises = request.scenarios.length === 0;
  const inputs = summarises ? shipped : request.scenarios;
  for (const name of inputs) refuseUnknown(name, shipped);
  const { output, verbose } = request;
  return inSession({ inputs, output, strictInput: false, streams: false, verbose }, async (session) => {
    if (request.list) {
      session.output.write(written(request, listTables(compare)));
      return;
    }
    const comparisons: Comparison[] = [];
    await session.each(async (input) => {
      const scenario = shipped.includes(input) ? compare.shippedScenario(input) : ownScenario(compare, input);
      comparisons.push(compare.compareScenario(scenario, systems));
      return { badLines: 0, interrupted: false };
    });
    if (comparisons.length === 0) return;
    if (request.format === 'json')
      session.output.write(`${JSON.stringify(compare.comparisonDocument(comparisons, version()))}\n`);
    else if (request.format === 'csv') session.output.write(tableCsv([compare.answersTable(comparisons)]));
    else session.output.write(written(request, tablesOf(compare, comparisons, summarises, verbose)));
  });
}

/** @throws InputUnreadableError, MalformedInputError with a sentence */
function ownScenario(compare: Compare, path: string): Scenario {
  const text = readScenario(path);
  try {
    return compare.parseScenario(text, path === '-' ? 'standard input' : path);
  } catch (error) {
    if (error instanceof compare.ScenarioError)
      throw new MalformedInputError(error.message, undefined, { cause: error });
    throw error;
  }
}

/** @throws UsageError for a name that is no system */
function chosen(compare: Compare, names: readonly string[]): readonly SystemUnderPolicy[] {
  const found = names.flatMap((name) => {
    const systems = compare.systemsNamed(name);
    if (systems !== null) return systems;
    throw new UsageError(
      `There is no system ${quoted(name)}.${didYouMean(name, compare.SYSTEM_WORDS)} Known: ${compare.SYSTEM_WORDS.join(', ')}, and sel4 on an architecture, as sel4-strict@x86_64.`,
    );
  });
  return [...new Map(found.map((system) => [system.name, system])).values()];
}

/** A word without a dot or a slash is a name, and no file. @throws UsageError when no such scenario is shipped */
function refuseUnknown(name: string, shipped: readonly string[]): void {
  if (name === '-' || /[./\\]/.test(name) || shipped.includes(name)) return;
  throw new UsageError(
    `There is no scenario ${quoted(name)}.${didYouMean(name, shipped)} Known: ${shipped.join(', ')}; a file is named with its path or ending, as ./mine.scenario.`,
  );
}

function tablesOf(
  compare: Compare,
  comparisons: readonly Comparison[],
  summarises: boolean,
  verbose: boolean,
): DataTable[] {
  if (summarises && !verbose) return [compare.summaryTable(comparisons)];
  const tables = comparisons.flatMap((comparison) =>
    verbose
      ? [compare.comparisonTable(comparison), compare.detailTable(comparison)]
      : [compare.comparisonTable(comparison)],
  );
  const last = tables.at(-1);
  return last === undefined
    ? []
    : [...tables.slice(0, -1), { ...last, notes: [...(last.notes ?? []), compare.LEGEND] }];
}

function written({ format, output }: CompareRequest, tables: readonly DataTable[]): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(tables.map(({ title, columns, rows }) => ({ title, rows: rows.map((row) => Object.fromEntries(columns.map(({ key }, i) => [key, row[i]]))) })))}\n`;
    case 'csv':
      return tableCsv(tables);
    case 'md':
      return tables.map(tableMarkdown).join('\n');
    default: {
      const look = screen(output);
      return tables.map((table) => tableText(table, look)).join('\n');
    }
  }
}

/** What there is to choose from. */
function listTables(compare: Compare): DataTable[] {
  const scenarios = compare.shippedNames().map((name) => compare.shippedScenario(name));
  return [
    {
      title: 'Scenarios that come with the program',
      columns: [
        { key: 'name', title: 'name' },
        { key: 'title', title: 'about' },
      ],
      rows: scenarios.map(({ name, title }) => [name, title]),
    },
    {
      title: 'Systems',
      columns: [
        { key: 'family', title: 'family' },
        { key: 'system', title: 'system' },
      ],
      rows: compare.SYSTEMS.map(({ family, name }) => [family, name]),
      notes: ['seL4 takes any of its policies on any architecture, as sel4-permissive-aware@riscv32.'],
    },
  ];
}
