import { sayOutcome } from '@overmap/core';
import { counted, type DataTable } from '@overmap/report';
import { judgedName } from '../rule.ts';
import type { Chosen } from './choose.ts';
import type { Suite } from './make-vectors.ts';
import { vectorName } from './suite-trace.ts';

/** What each vector of a suite covers, and what the suite refutes. */
export function suiteTables(suite: Suite): DataTable[] {
  const { build, judged, vectors, mutants, equal, candidates } = suite;
  const refuted = mutants.length - equal.length;
  return [
    {
      title: `${counted(vectors.length, 'vector')} for ${build} under ${judgedName(judged)}`,
      columns: [
        { key: 'vector', title: 'vector' },
        { key: 'answers', title: 'answers under test' },
        { key: 'covers', title: 'covers' },
        { key: 'alone', title: 'refutes alone a kernel that' },
      ],
      rows: vectors.map((vector, n) => [
        vectorName(n, vector.tried),
        answersOf(vector),
        rulesOf(suite, vector).join(', '),
        aloneOf(suite, vector),
      ]),
      notes: [
        `Chosen from ${counted(candidates, 'situation')}; none could be left out: each refutes a wrong kernel that no other refutes.`,
        `Together they refute ${counted(refuted, 'wrong kernel')} of ${mutants.length}; the others differ from the right one in nothing that was tried.`,
      ],
    },
    {
      title: 'wrong kernels by what they get wrong',
      columns: [
        { key: 'rule', title: 'rule' },
        { key: 'mutants', title: 'wrong kernels', digits: 0 },
        { key: 'refuted', title: 'refuted', digits: 0 },
        { key: 'vectors', title: 'vectors that refute one', digits: 0 },
      ],
      rows: [...new Set(mutants.map(({ rule }) => rule))].map((rule) => {
        const all = mutants.flatMap((mutant, i) => (mutant.rule === rule ? [i] : []));
        return [
          rule,
          all.length,
          all.filter((i) => !equal.includes(i)).length,
          vectors.filter(({ tried }) => tried.kills.some((i) => mutants[i]?.rule === rule)).length,
        ];
      }),
    },
  ];
}

/** The suite for programs. */
export function suiteDocument(suite: Suite, version: string, file: string | null): Readonly<Record<string, unknown>> {
  const { build, judged, vectors, mutants, equal, candidates } = suite;
  return {
    overmap: 'vectors',
    version,
    policy: judgedName(judged),
    build,
    trace: file,
    candidates,
    vectors: vectors.map((vector, n) => ({
      name: vectorName(n, vector.tried),
      answers: answersOf(vector),
      covers: rulesOf(suite, vector),
      refutes: vector.tried.kills.map((i) => mutants[i]?.id),
      refutesAlone: vector.alone.map((i) => mutants[i]?.id),
    })),
    mutants,
    notRefuted: equal.map((i) => mutants[i]?.id),
  };
}

const answersOf = ({ tried }: Chosen): string => {
  const { candidate, ended } = tried;
  const said = ended.outcomes.slice(candidate.tests).map(sayOutcome);
  // Long lists of maps that are all ok say nothing one by one.
  const same = new Set(said).size === 1 && said.length > 2;
  return same ? `${said.length} times ${said[0]}` : said.join('; ');
};

const rulesOf = ({ mutants }: Suite, { tried }: Chosen): string[] => [
  ...new Set(tried.kills.flatMap((i) => mutants[i]?.rule ?? [])),
];

/** The first of them, those that are no mere situations before others. */
function aloneOf({ mutants }: Suite, { alone }: Chosen): string {
  const all = alone.flatMap((i) => mutants[i] ?? []);
  const told = all.find(({ rule }) => rule !== 'situation') ?? all[0];
  if (told === undefined) return '';
  const what = told.rule === 'situation' ? `errs at: ${told.what}` : told.what;
  return all.length === 1 ? what : `${what} (and ${all.length - 1} more)`;
}
