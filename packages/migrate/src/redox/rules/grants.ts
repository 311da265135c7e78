import { borrow, defectRule, file, fork, map, move, pinBorrow, protect, readPage, unmap, unmapUnpin } from './rule.ts';

/** B1: what is left of a borrowed range names the wrong pages. */
export const OR001 = defectRule({
  number: 1,
  defect: 'externalSplit',
  severity: 'error',
  title: 'parts of borrowed memory name the wrong page',
  detects: 'A borrowed (External) grant is cut, and a part behind the cut keeps the first page of its source.',
  why: 'Pages of that part which are not present yet show other memory of the source than they should: wrong data, and a page that was perhaps never meant to be lent.',
  promise: 'Each page of a borrowed range shows the page of the source at the same distance from its start.',
  asIs: 'the parts all begin at the source’s first page',
  repaired: 'each part begins where it was cut',
  bad: ['The middle of a borrowed range is unmapped:', 2, map(1, 10, 3), borrow(0, 20, 1, 10, 3), unmap(0, 21, 1)],
  good: ['All of it is unmapped:', 2, map(1, 10, 3), borrow(0, 20, 1, 10, 3), unmap(0, 20, 3)],
  fix: { kind: 'whole', text: 'Unmap and protect a borrowed range as a whole, or touch all its pages first.' },
});

/** B2: contiguous memory loses its surplus. */
export const OR002 = defectRule({
  number: 2,
  defect: 'contiguousSurplus',
  severity: 'warning',
  title: 'contiguous memory loses what rounding adds',
  detects: 'Contiguous memory is mapped whose number of pages is no power of two.',
  why: 'The frames between the number and the next power of two are taken and never given back: each such map leaks.',
  promise: 'What is unmapped is free again.',
  asIs: '5 pages take 8 frames, 3 of which are lost',
  repaired: '5 pages take 5 frames',
  bad: ['Five contiguous pages:', 1, map(0, 10, 5, 'rw', true)],
  good: ['Eight:', 1, map(0, 10, 8, 'rw', true)],
  fix: { kind: 'round', text: 'Ask for a power of two, and use the rest.' },
});

/** B3: a stale execute bit. */
export const OR003 = defectRule({
  number: 3,
  defect: 'staleExec',
  severity: 'error',
  title: 'mprotect to writable leaves pages executable',
  detects: 'mprotect gives write access and takes execution away from pages whose entries are read-only.',
  why: 'The entries are left alone until the first write, execute bit included: memory that the program has just closed to execution can still be executed.',
  promise: 'After mprotect no page may be accessed in a way that was not asked for.',
  asIs: 'entries of `r-x` pages stay `r-x`',
  repaired: 'they become `r--`, writable at the first write',
  bad: ['Code becomes data:', 1, map(0, 10, 1, 'rx'), protect(0, 10, 1, 'rw')],
  good: ['By way of read-only:', 1, map(0, 10, 1, 'rx'), protect(0, 10, 1, 'r'), protect(0, 10, 1, 'rw')],
  fix: { kind: 'two-steps', text: 'Protect in two steps: read-only first, then writable.' },
});

/** B5: a moved grant has its old flags. */
export const OR005 = defectRule({
  number: 5,
  defect: 'movedFlags',
  severity: 'error',
  title: 'moved memory keeps the flags of its grant',
  detects: 'mremap or a transfer moves memory and asks for another protection than its grant has.',
  why: 'Entries get the new protection, the grant keeps the old one: entries may allow more than the grant, and the next fault or fork brings the old protection back.',
  promise: 'A moved mapping has the protection that was asked for.',
  asIs: 'the grant says `r--`, its entry may say `r-x`',
  repaired: 'both say what was asked for',
  bad: ['Read-only memory is moved and made executable:', 1, map(0, 10, 1, 'r'), move(0, 10, 20, 'rx')],
  good: ['It is moved as it is:', 1, map(0, 10, 1, 'r'), move(0, 10, 20, 'r')],
  fix: { kind: 'protect-after', text: 'Move with the protection that the memory has, and call mprotect afterwards.' },
});

/** B6: pins of a borrow that failed. */
export const OR006 = defectRule({
  number: 6,
  defect: 'borrowPins',
  severity: 'warning',
  title: 'a borrow that fails leaves its pins',
  detects: 'A borrow is refused after it has pinned scheme mappings of the source.',
  why: 'The pins are never taken back: the source can neither unmap those mappings nor map over them (EBUSY) as long as it lives.',
  promise: 'A call that fails has changed nothing.',
  asIs: 'the scheme mapping stays pinned',
  repaired: 'its pins are as before',
  bad: [
    'The range reaches beyond the scheme mapping, into a hole:',
    3,
    map(1, 10, 1),
    file(0, 20, 1, 10, 1),
    borrow(2, 5, 0, 20, 2),
  ],
  good: ['It does not:', 3, map(1, 10, 1), file(0, 20, 1, 10, 1), borrow(2, 5, 0, 20, 1)],
  fix: { kind: 'cover', text: 'Borrow only what is mapped without a gap.' },
});

/** B8: schemes that are not told. */
export const OR008 = defectRule({
  number: 8,
  defect: 'lostNotifications',
  severity: 'warning',
  title: 'an unmap that fails does not tell the schemes',
  detects: 'munmap removes scheme mappings, then stops at a pinned grant with EBUSY.',
  why: 'The mappings are gone, and their scheme is not told: its count stays one too high, dirty pages are not written back.',
  promise: 'A scheme gets a munmap for each mapping that goes.',
  asIs: 'EBUSY, and no message',
  repaired: 'EBUSY, and a message for what is gone',
  bad: [
    'A scheme mapping lies in front of the buffer of a call:',
    3,
    map(1, 10, 1),
    map(2, 10, 1),
    file(0, 1, 1, 10, 1),
    pinBorrow(0, 2, 10),
    unmap(0, 1, 2),
  ],
  good: [
    'It is unmapped by itself:',
    3,
    map(1, 10, 1),
    map(2, 10, 1),
    file(0, 1, 1, 10, 1),
    pinBorrow(0, 2, 10),
    unmap(0, 1, 1),
  ],
  fix: { kind: 'split', text: 'Unmap one mapping with each call.' },
});

/** B9: a panic while a scheme answers. */
export const OR009 = defectRule({
  number: 9,
  defect: 'unpinPanic',
  severity: 'error',
  title: 'an unmap on a scheme’s behalf stops the kernel',
  detects: 'The memory of a call’s buffer is unmapped where a scheme mapping lies that is lent on.',
  why: 'The whole machine stops.',
  promise: 'No call of a program stops the kernel.',
  asIs: 'panic',
  repaired: 'EBUSY',
  bad: [
    'A scheme mapping is lent on, then taken for a buffer:',
    3,
    map(1, 10, 1),
    file(0, 20, 1, 10, 1),
    borrow(2, 5, 0, 20, 1),
    unmapUnpin(0, 20, 1),
  ],
  good: ['It is not lent on:', 3, map(1, 10, 1), file(0, 20, 1, 10, 1), unmapUnpin(0, 20, 1)],
  fix: null,
});

/** B14: pins that nobody counted. */
export const OR014 = defectRule({
  number: 14,
  defect: 'uncountedPins',
  severity: 'error',
  title: 'borrowed memory is not counted as pinned',
  detects:
    'A borrowed grant of a scheme mapping is inherited by fork or cut in two, and its source is not pinned once more; or the pin that is missing is taken away.',
  why: 'Each unmap takes a pin away. The last one takes one that nobody has: the source can be unmapped under its borrower, and then the kernel stops.',
  promise: 'A scheme mapping has a pin for each grant that borrows it.',
  asIs: 'one pin for two grants; panic at the second unmap',
  repaired: 'two pins',
  bad: [
    'A space with borrowed memory forks:',
    3,
    map(1, 10, 1),
    file(0, 20, 1, 10, 1),
    borrow(2, 5, 0, 20, 1),
    fork(2, 3),
  ],
  good: ['The memory is private to its source:', 3, map(0, 20, 1), borrow(2, 5, 0, 20, 1), fork(2, 3)],
  fix: { kind: 'unmap-before-fork', text: 'Unmap borrowed memory before a fork, and as a whole.' },
});

/** B10: one frame, two owners. */
export const OR010 = defectRule({
  number: 10,
  defect: 'goneSource',
  severity: 'error',
  title: 'one frame in two spaces with one reference',
  detects: 'A page of borrowed memory is touched whose grant in the source space is gone.',
  why: 'A fresh frame is put into both spaces with a single reference: the first to unmap it frees it under the other, which then reads and writes somebody else’s memory.',
  promise: 'A frame is free when nobody shows it.',
  asIs: 'the read succeeds',
  repaired: 'Segv',
  bad: [
    'The source unmaps before the borrower has touched the page:',
    2,
    map(1, 10, 1),
    borrow(0, 20, 1, 10, 1),
    unmap(1, 10, 1),
    readPage(0, 20),
  ],
  good: ['It is touched first:', 2, map(1, 10, 1), borrow(0, 20, 1, 10, 1), readPage(0, 20), unmap(1, 10, 1)],
  fix: { kind: 'touch-first', text: 'Touch what is borrowed before the source may unmap it.' },
});
