import { borrow, defectRule, file, fork, map, move, readPage, write } from './rule.ts';

/** B4: the zeroed frame becomes writable. */
export const OR004 = defectRule({
  number: 4,
  defect: 'movedWritable',
  severity: 'error',
  title: 'moved memory is writable although its frame is shared',
  detects:
    'mremap or a transfer moves a page whose frame is copy-on-write, or the zeroed frame, and asks for write access.',
  why: 'The entry becomes writable, and nobody copies any more. What is written to the zeroed frame shows in all fresh memory of all processes; what is written to a copy-on-write frame shows in the parent or child.',
  promise: 'Private memory is seen by nobody else, and fresh memory is zero.',
  asIs: 'the entry is `rw-`, on the shared frame',
  repaired: 'the entry is `r--`, and the first write copies',
  bad: [
    'Memory that nobody has written is moved and written:',
    1,
    map(0, 10, 1),
    map(0, 30, 1),
    move(0, 10, 20, 'rw'),
    write(0, 20, 77),
    readPage(0, 30),
  ],
  good: ['It is written before:', 1, map(0, 10, 1), write(0, 10, 1), move(0, 10, 20, 'rw')],
  fix: { kind: 'write-first', text: 'Write to each page before moving it; or move read-only, and call mprotect.' },
});

/** B7: entries without a grant. */
export const OR007 = defectRule({
  number: 7,
  defect: 'schemeMapEntries',
  severity: 'error',
  title: 'a file mapping that fails leaves its pages',
  detects: 'Mapping a file fails in the middle, after some of its pages were mapped.',
  why: 'The entries stay without a grant: the program sees the pages, nothing can unmap them, their references are lost with the space, and a map over them loses one more.',
  promise: 'A call that fails leaves nothing mapped.',
  asIs: 'EIO, and the first page is there',
  repaired: 'EIO, and nothing is there',
  bad: ['The scheme has one page of two:', 2, map(1, 10, 1), file(0, 20, 1, 10, 2)],
  good: ['It has both:', 2, map(1, 10, 2), file(0, 20, 1, 10, 2)],
  fix: { kind: 'answer-whole', text: 'A scheme answers mmap_prep only with memory that is mapped all through.' },
});

/** B11: a wait without end. */
export const OR011 = defectRule({
  number: 11,
  defect: 'privateWrite',
  severity: 'error',
  title: 'a write to a private file mapping waits for ever',
  detects: 'The first write to a page of a file that is mapped with MAP_PRIVATE.',
  why: 'The kernel asks the scheme for the page and waits for an answer that no scheme can give: the thread never runs again.',
  promise: 'A private mapping is copied at the first write.',
  asIs: 'the thread waits (shown as NonfatalInternalError)',
  repaired: 'the page is copied',
  bad: ['It is written:', 2, map(1, 10, 1), write(1, 10, 5), file(0, 20, 1, 10, 1, 'PRIVATE'), write(0, 20, 6)],
  good: ['It is read:', 2, map(1, 10, 1), write(1, 10, 5), file(0, 20, 1, 10, 1, 'PRIVATE'), readPage(0, 20)],
  fix: { kind: 'read-instead', text: 'Read the file into anonymous memory instead of mapping it privately.' },
});

/** B12: a queue that is thrown away. */
export const OR012 = defectRule({
  number: 12,
  defect: 'lostFlusher',
  severity: 'error',
  title: 'mapping a file loses the scheme’s flushes',
  detects: 'A file is mapped whose pages are copy-on-write in the scheme’s space, or are write-protected there for it.',
  why: 'What was queued for the scheme’s space is thrown away: references of frames are never taken back (a leak), and other processors keep writable translations of pages that are shared now.',
  promise: 'A frame goes when nobody shows it, and no processor keeps a translation that is gone.',
  asIs: 'the old frame keeps its reference; no flush',
  repaired: 'both are carried out',
  bad: [
    'A scheme that has forked maps a file for somebody:',
    2,
    map(1, 10, 1),
    write(1, 10, 5),
    fork(1, 2),
    file(0, 20, 1, 10, 1),
  ],
  good: ['It has not forked:', 2, map(1, 10, 1), write(1, 10, 5), file(0, 20, 1, 10, 1)],
  fix: { kind: 'own-pages', text: 'A scheme writes to each page before it lends it, and does not fork.' },
});

/** B13: a lock that is held is waited for. */
export const OR013 = defectRule({
  number: 13,
  defect: 'deadlock',
  severity: 'error',
  title: 'the kernel waits for a lock that it holds',
  detects: 'A borrow or a file mapping goes over memory that is borrowed from the space whose lock it holds.',
  why: 'The processor waits for ever, with the locks of two spaces.',
  promise: 'No call of a program stops the kernel.',
  asIs: 'the kernel spins',
  repaired: 'the address',
  bad: [
    'Borrowed memory is borrowed over, from the same source:',
    2,
    map(1, 10, 2),
    borrow(0, 20, 1, 10, 1),
    borrow(0, 20, 1, 11, 1),
  ],
  good: ['At another place:', 2, map(1, 10, 2), borrow(0, 20, 1, 10, 1), borrow(0, 21, 1, 11, 1)],
  fix: { kind: 'unmap-first', text: 'Unmap what is borrowed before something else is mapped there.' },
});

/** B15: the page that is kept. */
export const OR015 = defectRule({
  number: 15,
  defect: 'keepOldPanic',
  severity: 'error',
  title: 'keeping the old page of a move stops the kernel',
  detects:
    'mremap with KEEP_OLD of a page that an earlier move made writable although its frame is copy-on-write ([OR004](OR004.md)).',
  why: 'The whole machine stops.',
  promise: 'No call of a program stops the kernel.',
  asIs: 'panic',
  repaired: 'the page is copied first',
  bad: [
    'Fresh memory is moved, then shown twice:',
    1,
    map(0, 10, 1),
    move(0, 10, 20, 'rw'),
    move(0, 20, 0, 'r', 'KEEP_OLD'),
  ],
  good: ['It is written before:', 1, map(0, 10, 1), write(0, 10, 1), move(0, 10, 0, 'r', 'KEEP_OLD')],
  fix: { kind: 'write-first', text: 'Write to a page before moving it.' },
});
