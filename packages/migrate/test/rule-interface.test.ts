import {
  CAP_WORDS,
  CODE_MASK,
  Code,
  checkMap,
  Follower,
  check,
  type Kernel,
  OP_MAP,
  OP_MARK,
  OP_STATE,
  Op,
  POLICIES,
  Policy,
  type SlotRule,
} from '@overmap/core';
import { readTrace } from '@overmap/trace';
import { describe, expect, it } from 'vitest';
import { ComparedTargets } from '../src/compared-targets.ts';
import { traceKernel } from '../src/trace-kernel.ts';
import { clientTraces, kernelTraces } from './recorded.ts';

/*
 * Can an author of a rule say what the built-in policies say? Each is written as a rule, and asked about every map of
 * the recordings on the recorded state.
 */
const strict: SlotRule = ({ entry, records }) => (entry !== null && records === null ? 'DeleteFirst' : 'ok');
const RULES = {
  strict,
  exact: ({ entry, records }) => (entry === null || (records !== null && entry.holdsThisFrame) ? 'ok' : 'DeleteFirst'),
  // RISC-V as shipped: a valid entry is refused, unless the capability is mapped here. The others refuse nothing.
  legacy: (slot) => (slot.arch.startsWith('riscv') ? strict(slot) : 'ok'),
  permissive: () => 'ok',
} as const satisfies Record<string, SlotRule>;
const NAMES = Object.keys(RULES) as (keyof typeof RULES)[];

/** Maps that each rule judged, and the answers of each kind that it gave. */
interface Asked {
  maps: number;
  refused: number;
}

async function hold(path: string): Promise<Asked> {
  const asked: Asked = { maps: 0, refused: 0 };
  const [first, ...rest] = NAMES.map((name) => ({ name, rule: RULES[name] }));
  if (first === undefined) throw new Error('no rules');
  const targets = new ComparedTargets([first, ...rest]);
  let kernel: Kernel | undefined;
  let follower: Follower | undefined;
  let from = 0;
  await readTrace(path, {
    onHeader(header) {
      kernel = traceKernel(header, targets.rule);
      follower = new Follower(kernel);
      from = POLICIES[header.policy];
    },
    onBatch(columns) {
      if (kernel === undefined || follower === undefined) throw new Error('no header');
      const k = kernel;
      for (let i = 0; i < columns.count; i++) {
        const op = columns.op[i];
        if (op === OP_STATE || op === OP_MARK || op === Op.other || op === Op.batch) continue;
        if (op === OP_MAP) {
          k.growSlots(Math.max(columns.cap[i], columns.vspace[i], k.slotLimit - 1));
          const answer = (policy: number): number =>
            checkMap(
              k,
              columns.cap[i] * CAP_WORDS,
              columns.vspace[i] * CAP_WORDS,
              columns.vaddrHi[i],
              columns.vaddrLo[i],
              policy,
            );
          asked.maps++;
          for (const { name, rule } of targets.all) {
            targets.choose(rule);
            const said = answer(Policy.custom);
            if ((said & CODE_MASK) === Code.DeleteFirst) asked.refused++;
            if (said !== answer(POLICIES[name as keyof typeof RULES]))
              throw new Error(`${path}, line ${columns.line[i]}: the rule ${name} does not say what ${name} says`);
          }
        }
        follower.follow(columns, i, check(k, columns, i, from), columns.outcome[i], from);
      }
    },
  });
  return asked;
}

describe('the built-in policies, written as rules, answer every recorded map as those do', () => {
  it('of the kernels', { timeout: 120_000 }, async () => {
    const sum = { maps: 0, refused: 0 };
    for (const path of kernelTraces()) {
      const { maps, refused } = await hold(path);
      sum.maps += maps;
      sum.refused += refused;
    }
    expect(sum.maps).toBeGreaterThan(50_000);
    expect(sum.refused).toBeGreaterThan(1000);
  });

  it.each(clientTraces().filter((path) => path.includes('slices')))('%s', async (path) => {
    expect((await hold(path)).maps).toBeGreaterThan(2000);
  });
});
