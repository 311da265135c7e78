import { performance } from 'node:perf_hooks';
import { BUILD_NAMES, makeVectors, suiteDocument, suiteTables, suiteTrace, writeTrace } from '@overmap/judge';
import { counted, openOutput, tableMarkdown, tableText } from '@overmap/report';
import { escapeText } from '@overmap/trace';
import type { VectorsRequest } from '../commands/vectors.ts';
import type { ExitCode } from '../exit-code.ts';
import { oneOf } from '../values.ts';
import { version } from '../version.ts';
import { policyOrRule } from './policy.ts';
import { screen } from './screen.ts';
import { inSession } from './session.ts';

/** Runs `overmap vectors`. */
export async function runVectors({ policy, arch, format, output }: VectorsRequest): Promise<ExitCode> {
  const build = oneOf('architecture', arch, BUILD_NAMES);
  const judged = await policyOrRule(policy);
  // The output is the suite; what is said about it goes to standard output, or beside it.
  return inSession(
    { inputs: [], output: undefined, strictInput: false, streams: false, verbose: false },
    async (session) => {
      const start = performance.now();
      const suite = makeVectors(build, judged);
      const trace = suiteTrace(suite);
      await writeTrace(trace, output);
      const tables = suiteTables(suite);
      if (format === 'md') {
        const beside = openOutput(markdownBeside(output));
        beside.write(tables.map(tableMarkdown).join('\n'));
        beside.close();
        session.talk.say(`what covers what is in ${escapeText(markdownBeside(output), 400)}.`);
      } else if (format === 'json')
        session.output.write(`${JSON.stringify(suiteDocument(suite, version(), output))}\n`);
      else session.output.write(tables.map((table) => tableText(table, screen(undefined))).join('\n'));
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      session.talk.say(
        `${counted(suite.vectors.length, 'vector')} in ${counted(trace.events.length, 'record')}, written to ${escapeText(output, 400)} in ${seconds} s.`,
      );
    },
  );
}

/** "suite.md" for "suite.jsonl.gz". */
const markdownBeside = (path: string): string => `${path.replace(/(\.jsonl)?(\.gz)?$/, '')}.md`;
