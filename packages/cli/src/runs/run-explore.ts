import { isatty } from 'node:tty';
import { type ExplorerOptions, type ExplorerPage, explorerPage } from '@overmap/explore';
import { type RunOptions, WrongTargetError } from '@overmap/migrate';
import { counted, grouped } from '@overmap/report';
import { escapeText } from '@overmap/trace';
import type { ExploreRequest } from '../commands/explore.ts';
import type { ExitCode } from '../exit-code.ts';
import { UsageError } from '../usage-error.ts';
import { version } from '../version.ts';
import { policyNamed } from './policy.ts';
import { isRuleFile } from './rule-file.ts';
import { inSession, type Session } from './session.ts';

/** Findings whose anchors are named unless all are. */
const NAMED = 5;

/** Runs `overmap explore`. */
export async function runExplore(request: ExploreRequest): Promise<ExitCode> {
  const { input, output, from, to, most, strictInput, verbose } = request;
  if (output === undefined && isatty(1))
    throw new UsageError('A page is nothing for a terminal: name a file, as in -o page.html.');
  if (to !== undefined && isRuleFile(to))
    throw new UsageError(
      'The page asks the policies itself, and a rule of your own is a program that does not run in it: name a built-in policy, or audit with the rule.',
    );
  const options = {
    version: version(),
    ...(from === undefined ? {} : { from: policyNamed(from) }),
    ...(to === undefined ? {} : { to: policyNamed(to) }),
    ...(most === undefined ? {} : { most }),
  };
  return inSession({ inputs: [input], output, strictInput, verbose, streams: false }, async (session) => {
    await session.each(async (path, run) => {
      const phases: string[] = [];
      const onPhase = (name: string, milliseconds: number): void => {
        phases.push(`${name} ${(milliseconds / 1000).toFixed(2)} s`);
      };
      const page = await explored(path, { ...options, ...run, onPhase });
      session.output.write(page.html);
      tell(session, page, output, phases, verbose);
      return page;
    });
  });
}

/** @throws UsageError - when what was asked does not fit the system that the input is of */
async function explored(input: string, options: ExplorerOptions & RunOptions): Promise<ExplorerPage> {
  try {
    return await explorerPage(input, options);
  } catch (error) {
    if (!(error instanceof WrongTargetError)) throw error;
    throw new UsageError(`${escapeText(input, 400)} ${error.message}`, { cause: error });
  }
}

/** What is in the page, how long it took, and where findings are in it. */
function tell(
  { talk }: Session,
  { html, events, shown, findings, leftOut }: ExplorerPage,
  output: string | undefined,
  phases: readonly string[],
  verbose: boolean,
): void {
  const name = output === undefined ? 'the page' : escapeText(output, 400);
  const size = `${grouped(Math.ceil(Buffer.byteLength(html) / 1000))} kB`;
  talk.about(
    name,
    `${grouped(shown)} of ${counted(events, 'record')}, ${counted(findings.length, 'finding')}, ${size}; ${phases.join(', ')}.`,
  );
  for (const sentence of leftOut) talk.about(name, sentence);
  const named = verbose ? findings : findings.slice(0, NAMED);
  for (const { rule, event, fingerprint } of named)
    talk.say(`${rule}, event ${event}: ${output === undefined ? '' : name}#f-${fingerprint}`);
  if (named.length < findings.length)
    talk.say(
      `and ${counted(findings.length - named.length, 'more finding')}, each at #f- and its fingerprint; any event at #e- and its number.`,
    );
}
