import fc from 'fast-check';
import { freebsd } from '../../src/index.ts';
import { MAP, mapping, pages } from './machine-under-test.ts';

type Operation = freebsd.FreeBsdOperation;

const process = fc.constantFrom(0, 0, 0, 1);
const span = fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 6 })).map(([first, count]) => pages(first, first + count));
const mmap = fc
  .record({
    process,
    span,
    flags: fc.constantFrom(0, 0, MAP.EXCL, MAP.SHARED, MAP.SHARED | MAP.PRIVATE, MAP.NOSYNC),
    kind: fc.constantFrom('anon', 'anon', 'file', 'guard'),
    prot: fc.constantFrom(0, 1, 3, 3, 7, 1 | freebsd.protMax(3), 3 | freebsd.protMax(1)),
  })
  .map(({ process, span, flags, kind, prot }): Operation => {
    const base = { ...mapping(0, 1), ...span, process, prot };
    if (kind === 'guard') return { ...base, prot: 0, flags: MAP.FIXED | MAP.GUARD | (flags & MAP.EXCL) };
    if (kind === 'file') return { ...base, file: 3, flags: MAP.FIXED | (flags === 0 ? MAP.PRIVATE : flags) };
    return { ...base, flags: MAP.FIXED | MAP.ANON | flags };
  });
const ranged = fc
  .record({
    process,
    span,
    op: fc.constantFrom(
      'munmap',
      'mlock',
      'munlock',
      'clearKey',
      'reclaim',
      'mprotect',
      'minherit',
      'madvise',
      'msync',
      'setKey',
      'setKey',
      'touch',
    ),
    prot: fc.constantFrom(0, 1, 3, 7),
    inheritance: fc.constantFrom('share', 'copy', 'none', 'zero'),
    advice: fc.constantFrom('random', 'normal', 'nocore', 'core', 'dontneed'),
    key: fc.nat({ max: 16 }),
    flags: fc.nat({ max: 4 }),
    write: fc.boolean(),
  })
  .map(({ span, ...rest }) => ({ ...rest, ...span, invalidate: rest.write, async: false }) as Operation);
const whole = fc
  .record({ process, op: fc.constantFrom('swapout', 'swapin', 'exec', 'fork'), child: fc.constant(1) })
  .map((operation) => operation as Operation);
/** Operations of all kinds, close together so that they meet. */
export const anyOperation = fc.oneof(
  { weight: 4, arbitrary: mmap },
  { weight: 12, arbitrary: ranged },
  { weight: 1, arbitrary: whole },
);
export const operations = fc.array(anyOperation, { maxLength: 40 });

/** Whether an operation names processes as it must. */
export const makesSense = ({ processes }: freebsd.Machine, operation: Operation): boolean =>
  processes.has(operation.process) && !(operation.op === 'fork' && processes.has(operation.child));
