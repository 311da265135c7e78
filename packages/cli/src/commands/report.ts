import type { Values } from '../values.ts';
import type { Verb } from '../verb.ts';

/** What `overmap report` was asked. */
export interface ReportRequest {
  readonly inputs: readonly string[];
  readonly output: string | undefined;
  readonly verbose: boolean;
}

/** `overmap report`. */
export const report: Verb = {
  name: 'report',
  takes: 'RUN.json…',
  taken:
    'what audit and bench write with --format json, and migrate source with --format json or as a patch; gzipped or not; - is standard input',
  describe: 'Write a page of results: findings with their stories, costs, runs side by side',
  options: {
    o: {
      alias: 'output',
      type: 'string',
      requiresArg: true,
      describe: 'Write to a file, which appears when it is complete',
    },
    verbose: { type: 'boolean', describe: 'Name the anchor of every finding, and say how long it took' },
  },
  examples: [
    [
      'overmap audit trace.jsonl.gz --context --format json -o run.json',
      'First an audit, with the events around findings',
    ],
    ['overmap report run.json -o report.html', 'Then the page'],
    ['overmap report before.json after.json costs.json -o report.html', 'Two audits side by side, and what it costs'],
  ],
  epilogue: 'The page needs no server and asks for nothing over a network. A finding is at PAGE.html#f-FINGERPRINT.',
  run: async (values) => {
    const request = read(values);
    const { runReport } = await import('../runs/run-report.ts');
    return runReport(request);
  },
};

const read = (values: Values): ReportRequest => ({
  inputs: values.inputs('report', 'RUN.json'),
  output: values.text('o'),
  verbose: values.flag('verbose'),
});
