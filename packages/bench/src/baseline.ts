import { readFile, rename, writeFile } from 'node:fs/promises';
import { InputUnreadableError, MalformedInputError, OutputError } from '@overmap/trace';
import * as z from 'zod';
import type { Machine } from './machine.ts';

const positive = z.number().positive();
const rounds = z.array(z.array(positive).min(1)).min(1);

const timedSchema = z
  .object({
    name: z.string().min(1),
    unit: z.literal('ns'),
    pages: z.int().positive(),
    samples: rounds,
    referenceSamples: rounds,
  })
  .refine(
    ({ samples, referenceSamples }) =>
      samples.length === referenceSamples.length &&
      samples.every((round, r) => round.length === referenceSamples[r].length),
    'not a reference for each sample',
  );

const modelledSchema = z.object({
  name: z.string().min(1),
  unit: z.string().min(1),
  perPage: z.number().nonnegative(),
});

const machineSchema = z.object({
  cpu: z.string(),
  cores: z.int().positive(),
  memory: positive,
  platform: z.string(),
  node: z.string(),
  v8: z.string(),
}) satisfies z.ZodType<Machine>;

const baselineSchema = z.object({
  format: z.literal('overmap bench baseline'),
  version: z.literal(1),
  tool: z.string(),
  machine: machineSchema,
  seed: z.int(),
  timed: z.array(timedSchema).refine(namedOnce, 'two cases have the same name'),
  modelled: z.array(modelledSchema).refine(namedOnce, 'two cases have the same name'),
});

function namedOnce(cases: readonly { readonly name: string }[]): boolean {
  return new Set(cases.map(({ name }) => name)).size === cases.length;
}

/** A timed case: host nanoseconds of a page by round, and of the reference loop's page beside each. */
export type BaselineTimed = Readonly<z.infer<typeof timedSchema>>;
/** A modelled case: its price by the table's middle, for a page, in a unit of a kernel. */
export type BaselineModelled = Readonly<z.infer<typeof modelledSchema>>;
/** What a run measured, as later ones are compared with it. */
export type Baseline = Readonly<z.infer<typeof baselineSchema>>;

/** Marks of a baseline file. */
export const BASELINE_FORMAT = { format: 'overmap bench baseline', version: 1 } as const;

/**
 * Write a baseline. The file is complete or not there: it is written beside and renamed.
 *
 * @throws OutputError when it cannot be written
 */
export async function saveBaseline(path: string, baseline: Baseline): Promise<void> {
  const beside = `${path}.${process.pid}.tmp`;
  try {
    // Parsed, so that what results have beyond the format is left out, and nothing is written that cannot be read.
    await writeFile(beside, `${JSON.stringify(baselineSchema.parse(baseline))}\n`);
    await rename(beside, path);
  } catch (error) {
    throw new OutputError(`cannot write the baseline ${path}: ${sentence(error)}`, { cause: error });
  }
}

/**
 * Read a baseline.
 *
 * @throws InputUnreadableError when it cannot be read; MalformedInputError when it is no baseline, or one of another
 * version. The message says which file and what to do
 */
export async function readBaseline(path: string): Promise<Baseline> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new InputUnreadableError(`cannot read the baseline ${path}: ${sentence(error)}`);
  }
  return parseBaseline(text, path);
}

/** A baseline from its text; `path` is for messages. */
export function parseBaseline(text: string, path: string): Baseline {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new MalformedInputError(`${path} is no baseline: it is not JSON (${sentence(error)})`);
  }
  const marks = z.object({ format: z.literal(BASELINE_FORMAT.format), version: z.int() }).safeParse(value);
  if (!marks.success) throw new MalformedInputError(`${path} is no baseline: save one first, and give that file`);
  if (marks.data.version !== BASELINE_FORMAT.version) {
    throw new MalformedInputError(
      `${path} is a baseline of version ${marks.data.version}, this program reads version ${BASELINE_FORMAT.version}: save it again`,
    );
  }
  const baseline = baselineSchema.safeParse(value);
  if (baseline.success) return baseline.data;
  const [{ path: where, message }] = baseline.error.issues;
  throw new MalformedInputError(`the baseline ${path} is damaged at ${where.join('.')}: ${message}; save it again`);
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
