import type { DataTable } from '@overmap/report';
import { counted, grouped, pageSize } from '@overmap/report';
import type { BuildName } from '../builds.ts';
import { hex, type Operation } from '../operation.ts';
import { type Judged, judgedName } from '../rule.ts';
import { amongCopies, type Hole, type HolesFound, type SearchedWorld } from './find-holes.ts';
import { CAUSES, type CauseName, PROPERTIES, type PropertyName } from './kinds.ts';
import { tell, type ToldStep } from './tell.ts';

/** What was left out of a search, by name; none of it can be told apart by a check, or by a rule. */
const REDUCTIONS: readonly string[] = [
  'page tables of one kind are interchangeable',
  'the two vspaces are interchangeable',
  'rights and attributes of entries are no part of a state',
  'nothing is searched behind a step that took the place of another frame',
];

/** What no search covers, see {@link REDUCTIONS}. */
const BEHIND = ', but for what follows a hole';

/** A hole for programs. */
export interface HoleRecord {
  readonly build: BuildName;
  readonly cause: CauseName;
  readonly title: string;
  /** The entry of docs/sel4/holes.md. */
  readonly hole: string | null;
  readonly breaks: readonly PropertyName[];
  /** No rule that maps pages into empty places can close it. */
  readonly beyondRules: boolean;
  /** log2 of the bytes of the pages in `steps`. */
  readonly bits: number;
  readonly sizes: Hole['sizes'];
  readonly steps: readonly (Omit<ToldStep, 'operation'> & { readonly operation: Readonly<Record<string, unknown>> })[];
  /** The file that it was written to. */
  readonly trace: string | null;
}

/** What a search came to, for programs. */
export interface HolesDocument {
  readonly overmap: 'holes';
  readonly version: string;
  readonly policy: string;
  /** Steps at most. */
  readonly depth: number;
  readonly states: number;
  readonly reductions: readonly string[];
  readonly interrupted: boolean;
  /** Between different frames. */
  readonly holes: readonly HoleRecord[];
  /** Among the copies of one frame. */
  readonly copies: readonly HoleRecord[];
  readonly worlds: readonly SearchedWorld[];
}

/**
 * Make the document of a search.
 *
 * @param fileOf - the trace that a hole was written to
 */
export function holesDocument(
  judged: Judged,
  found: HolesFound,
  {
    depth,
    version,
    fileOf,
  }: { readonly depth: number; readonly version: string; readonly fileOf: (hole: Hole) => string | null },
): HolesDocument {
  const record = (hole: Hole): HoleRecord => {
    const { build, cause, properties, breach, sizes } = hole;
    return {
      build,
      cause,
      title: CAUSES[cause].title,
      hole: CAUSES[cause].hole,
      breaks: properties,
      beyondRules: breach.beyondRules,
      bits: breach.world.size.bits,
      sizes,
      steps: tell(breach).map(({ operation, ...step }) => ({ ...step, operation: written(operation) })),
      trace: fileOf(hole),
    };
  };
  return {
    overmap: 'holes',
    version,
    policy: judgedName(judged),
    depth,
    states: found.worlds.reduce((sum, { expanded }) => sum + expanded, 0),
    reductions: REDUCTIONS,
    interrupted: found.interrupted,
    holes: found.holes.filter((hole) => !amongCopies(hole)).map(record),
    copies: found.holes.filter(amongCopies).map(record),
    worlds: found.worlds,
  };
}

const written = (operation: Operation): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(operation).map(([key, value]) => [key, typeof value === 'bigint' ? hex(value) : value]),
  );

/** The tables of a search: what was found, each kind in its shortest form, and what was covered. */
export function holesTables(document: HolesDocument, verbose: boolean): DataTable[] {
  const { holes, copies } = document;
  return [
    overview(document),
    ...shortest(holes).map((hole) => sequence(hole, document.holes)),
    ...(copies.length === 0 ? [] : [copiesTable(document)]),
    ...(verbose ? shortest(copies).map((hole) => sequence(hole, document.copies)) : []),
    ...(verbose ? [coverage(document)] : []),
  ];
}

/** "5 on ia32": a column for each build. */
function kindsTable(
  title: string,
  records: readonly HoleRecord[],
  document: HolesDocument,
  notes: readonly string[],
): DataTable {
  const builds = [...new Set(document.worlds.map(({ build }) => build))];
  return {
    title,
    columns: [
      { key: 'kind', title: 'kind' },
      { key: 'hole', title: 'known as' },
      { key: 'breaks', title: 'breaks' },
      ...builds.map((build) => ({ key: build, title: build, digits: 0 })),
    ],
    rows: shortest(records).map((kind) => [
      kind.title,
      kind.hole,
      kind.breaks.map((property) => PROPERTIES[property]).join(', '),
      ...builds.map((build) => records.find((hole) => hole.build === build && same(hole, kind))?.steps.length ?? null),
    ]),
    notes,
  };
}

function overview(document: HolesDocument): DataTable {
  const { policy, holes, states, depth } = document;
  const kinds = shortest(holes).length;
  const complete = document.worlds.every((world) => world.complete);
  const covered = `${counted(states, 'state')} covered: every sequence${complete ? ', of any length: there are no further states' : ` of up to ${counted(depth, 'step')}`}`;
  return kindsTable(
    kinds === 0
      ? `${policy}: no hole`
      : `${policy}: ${counted(kinds, 'kind of hole', 'kinds of hole')} (steps of the shortest)`,
    holes,
    document,
    [`${covered}${BEHIND}${document.interrupted ? ', where it was not interrupted' : ''}.`],
  );
}

function copiesTable(document: HolesDocument): DataTable {
  const beyond = document.copies.filter(({ beyondRules }) => beyondRules).map(({ title }) => title);
  const note =
    beyond.length === 0
      ? []
      : [`No rule for maps closes: ${[...new Set(beyond)].join('; ')}. Every map in them finds its place empty.`];
  return kindsTable(
    'among the copies of one frame, where an unmap or delete of one clears the page of another',
    document.copies,
    document,
    note,
  );
}

/** One of each kind: the one with the fewest steps, of the first build that has it. */
function shortest(records: readonly HoleRecord[]): HoleRecord[] {
  const kinds: HoleRecord[] = [];
  for (const hole of records) {
    const known = kinds.findIndex((kind) => same(kind, hole));
    const kind = kinds[known];
    if (kind === undefined) kinds.push(hole);
    else if (hole.steps.length < kind.steps.length) kinds[known] = hole;
  }
  return kinds.sort((a, b) => a.steps.length - b.steps.length);
}

const same = (a: HoleRecord, b: HoleRecord): boolean => a.cause === b.cause && a.breaks.join() === b.breaks.join();

function sequence(hole: HoleRecord, all: readonly HoleRecord[]): DataTable {
  const { title, build, bits, steps, sizes, trace } = hole;
  const others = sizes.filter((size) => size.bits !== bits);
  const builds = all.filter((other) => other.build !== build && same(other, hole)).map((other) => other.build);
  return {
    title: `${title}, on ${build} with ${pageSize(bits)} pages`,
    columns: [
      { key: 'step', title: '', digits: 0 },
      { key: 'by', title: 'by' },
      { key: 'operation', title: 'operation' },
      { key: 'answer', title: 'answer' },
      { key: 'did', title: 'what it did' },
    ],
    rows: steps.map(({ by, what, did }, i) => [i + 1, by, what, 'ok', did]),
    notes: [
      ...(others.length === 0
        ? []
        : [`Also with ${others.map((size) => `${pageSize(size.bits)} (${counted(size.steps, 'step')})`).join(', ')}.`]),
      ...(builds.length === 0 ? [] : [`Also on ${builds.join(', ')}.`]),
      ...(trace === null ? [] : [`Trace: ${trace}`]),
    ],
  };
}

function coverage({ worlds }: HolesDocument): DataTable {
  return {
    title: 'what was covered',
    columns: [
      { key: 'build', title: 'build' },
      { key: 'pages', title: 'pages' },
      { key: 'depth', title: 'steps', digits: 0 },
      { key: 'expanded', title: 'states' },
      { key: 'tried', title: 'operations tried' },
      { key: 'states', title: 'reached' },
      { key: 'complete', title: 'complete' },
    ],
    rows: worlds.map(({ build, bits, depth, expanded, tried, states, complete }) => [
      build,
      pageSize(bits),
      depth,
      grouped(expanded),
      grouped(tried),
      grouped(states),
      complete ? 'yes' : 'no',
    ]),
    notes: [
      'States are those in which every operation was tried. Complete: there are no further ones.',
      `Reductions: ${REDUCTIONS.join('; ')}.`,
    ],
  };
}
