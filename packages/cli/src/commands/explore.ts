import { UsageError } from '../usage-error.ts';
import type { Values } from '../values.ts';
import type { Verb } from '../verb.ts';
import { COMMON_OPTIONS, POLICY_WORDS } from './common-options.ts';

/** What `overmap explore` was asked. */
export interface ExploreRequest {
  readonly input: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Records that the page shows at most. */
  readonly most: number | undefined;
  readonly output: string | undefined;
  readonly strictInput: boolean;
  readonly verbose: boolean;
}

/** Records beyond which a page would neither open quickly nor stay small. */
const MOST = 200_000;

/** `overmap explore`. */
export const explore: Verb = {
  name: 'explore',
  takes: 'TRACE',
  taken: 'a trace of seL4 or an strace log of Linux, gzipped or not; a file, since it may be read twice',
  describe: 'Write a page in which the address spaces of a trace are walked through time',
  options: {
    from: {
      type: 'string',
      requiresArg: true,
      describe: `Policy of the recording: ${POLICY_WORDS} [default: the trace's]`,
    },
    to: {
      type: 'string',
      requiresArg: true,
      describe: 'Policy that the findings are about; the page compares all of them [default: strict]',
    },
    events: {
      type: 'string',
      requiresArg: true,
      describe:
        'Show at most so many records, up to 200000: of a larger trace its beginning and what is around findings [default: 100000]',
    },
    ...COMMON_OPTIONS,
    verbose: { type: 'boolean', describe: 'Name the anchor of every finding' },
  },
  examples: [
    ['overmap explore trace.jsonl.gz -o page.html', 'See who mapped over what, and which capabilities went stale'],
    ['overmap explore app.strace.gz -o page.html', 'The memory of a Linux program over time'],
  ],
  epilogue:
    'The page needs no server and asks for nothing over a network. A finding is at PAGE.html#f-FINGERPRINT, an event at PAGE.html#e-EVENT.',
  run: async (values) => {
    const request = read(values);
    const { runExplore } = await import('../runs/run-explore.ts');
    return runExplore(request);
  },
};

function read(values: Values): ExploreRequest {
  const [input = '', more] = values.inputs('explore', 'TRACE');
  if (more !== undefined) throw new UsageError('explore takes one trace: a page shows one.');
  if (input === '-') throw new UsageError('explore may read a trace twice, so it takes a file and no standard input.');
  const events = values.text('events');
  const most = events === undefined ? undefined : Number(events);
  if (most !== undefined && !(Number.isInteger(most) && most >= 100 && most <= MOST))
    throw new UsageError('--events takes a whole number from 100 to 200000.');
  return {
    input,
    from: values.text('from'),
    to: values.text('to'),
    most,
    output: values.text('o'),
    strictInput: values.flag('strict-input'),
    verbose: values.flag('verbose'),
  };
}
