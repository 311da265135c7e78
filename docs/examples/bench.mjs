// Price a workload: what it does on the model, under a price table of one's own. Run from the checkout:
// node docs/examples/bench.mjs
import { allCases, priceOf, runModelled, savingOf, selectCases, shippedTable } from '@overmap/bench';

const table = shippedTable('riscv64');
const cases = selectCases(['protect/contiguous/strict'], allCases({ builds: ['riscv64'], pages: 64 }));
const results = cases.map((one) => runModelled(one));

for (const { name, pages, invocations, work, failed } of results) {
  if (failed !== null) throw new Error(`${failed.operation}: expected ${failed.expected}, got ${failed.got}`);
  const { low, middle, high } = priceOf(work, table);
  const [least, plausible, most] = [low, middle, high].map((price) => Math.round(price / pages));
  console.log(
    `${name}: ${invocations} invocations, ${plausible} ${table.unit} a change (${least} to ${most}), ${work.walkLevel} levels walked`,
  );
}

const single = results.find(({ case: { batch } }) => batch === 1);
const batched = results.find(({ case: { batch } }) => batch === 64);
const { low, middle, high } = savingOf(single.work, batched.work, table);
console.log(
  `Single is ${middle.toFixed(1)} times dearer than a batch of 64 (${low.toFixed(1)} to ${high.toFixed(1)}).`,
);
