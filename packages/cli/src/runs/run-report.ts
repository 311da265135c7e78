import { performance } from 'node:perf_hooks';
import { isatty } from 'node:tty';
import { type NamedResult, pageProgram, type Report, readRunFile, reportPage, RunFileError } from '@overmap/explore';
import { ALL_RULES } from '@overmap/migrate';
import { counted } from '@overmap/report';
import { escapeText, MalformedInputError } from '@overmap/trace';
import type { ReportRequest } from '../commands/report.ts';
import type { ExitCode } from '../exit-code.ts';
import { UsageError } from '../usage-error.ts';
import { version } from '../version.ts';
import { expandInputs } from './expand-inputs.ts';
import { readWhole } from './read-whole.ts';
import { inSession, type Session } from './session.ts';

/** Findings whose anchors are named unless all are. */
const NAMED = 5;

/** Runs `overmap report`. */
export async function runReport(request: ReportRequest): Promise<ExitCode> {
  const { output, verbose } = request;
  if (output === undefined && isatty(1))
    throw new UsageError('A page is nothing for a terminal: name a file, as in -o report.html.');
  const inputs = await expandInputs(request.inputs);
  return inSession({ inputs, output, strictInput: false, verbose, streams: false }, async (session) => {
    const start = performance.now();
    const results: NamedResult[] = [];
    await session.each(async (input) => {
      for (const result of resultsOf(input, await readWhole(input))) results.push({ name: input, result });
      return { badLines: 0, interrupted: false };
    });
    if (results.length === 0) return;
    const report = reportPage(results, { cards: ALL_RULES, program: pageProgram('report'), version: version() });
    session.output.write(report.page);
    tell(session, report, output, { verbose, seconds: (performance.now() - start) / 1000 });
  });
}

function resultsOf(input: string, text: string): ReturnType<typeof readRunFile> {
  try {
    return readRunFile(text);
  } catch (error) {
    if (!(error instanceof RunFileError)) throw error;
    const name = input === '-' ? 'standard input' : escapeText(input, 200);
    throw new MalformedInputError(`${name} cannot be shown: ${error.message}.`, undefined, { cause: error });
  }
}

/** What is in the page, and where the worst findings are in it. */
function tell(
  { talk }: Session,
  { page, findings, left }: Report,
  output: string | undefined,
  { verbose, seconds }: { readonly verbose: boolean; readonly seconds: number },
): void {
  const name = output === undefined ? 'the page' : escapeText(output, 400);
  const size = `${Math.ceil(Buffer.byteLength(page) / 1000)} kB`;
  const time = verbose ? `, in ${seconds.toFixed(2)} s` : '';
  talk.about(name, `${counted(findings.length, 'finding')}, ${size}${time}.`);
  for (const text of left) talk.about(name, text);
  const shown = verbose ? findings : findings.filter(({ severity }) => severity === 'error').slice(0, NAMED);
  for (const { id, rule, seen } of shown)
    talk.say(`${rule}, ${seen[0]?.place ?? ''}: ${output === undefined ? '' : name}#f-${id}`);
  if (shown.length < findings.length && shown.length > 0)
    talk.say(`and ${counted(findings.length - shown.length, 'more finding')}, each at #f- and its fingerprint.`);
}
