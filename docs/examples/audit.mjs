// An audit from a program: what the command `overmap audit` does, with a receiver of your own.
// Run from the checkout: node docs/examples/audit.mjs [TRACE]
import { fileURLToPath } from 'node:url';
import { auditTrace } from '@overmap/migrate';

const bundled = fileURLToPath(
  new URL('../../recordings/sel4test/slices/slice-aarch32-PT0002.jsonl.gz', import.meta.url),
);
const trace = process.argv[2] ?? bundled;

// Findings come one by one while the trace is read, so that memory stays bounded however long it is.
const errors = [];
const ended = await auditTrace(
  trace,
  { to: 'strict', version: 'example' },
  {
    begin: ({ header, from, to }) => console.log(`${header.arch}: ${from} → ${to}`),
    finding: (finding) => {
      if (finding.severity === 'error') errors.push(finding);
    },
    end: ({ events, sel4 }) =>
      console.log(`${events} events, ${sel4.mapsOk} successful maps, ${sel4.overmaps} over-maps`),
  },
);

for (const { rule, line, vaddr, bits, related } of errors) {
  const made = related.find(({ role }) => role === 'mapped');
  console.log(`${rule} at line ${line}: ${2 ** bits} bytes at ${vaddr}, over what line ${made?.line ?? '?'} mapped`);
}
console.log(`${ended.severities.error} errors, ${ended.badLines} malformed lines`);
