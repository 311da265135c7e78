import { EXEC, type LinuxRule } from './rule.ts';

/** Reserve, then commit. */
export const OL002: LinuxRule = {
  id: 'OL002',
  severity: 'note',
  title: 'reserve, then commit',
  detects:
    'A MAP_FIXED or MREMAP_FIXED call took the place of a reservation: anonymous memory that never was writable. Or the process gave memory of its own reservation back, by PROT_NONE over it.',
  why: 'It loses nothing that anybody could read. This is how runtimes keep a range of addresses for themselves, and why they need MAP_FIXED: NOREPLACE would refuse to fill a reservation.',
  promise:
    'mmap(2) names it as the safe use of MAP_FIXED: the range was reserved before by a mapping of the same process.',
  answers: [
    {
      columns: ['over a reservation', 'answer'],
      rows: [
        ['MAP_FIXED', 'the address; the reservation is replaced'],
        ['MAP_FIXED_NOREPLACE', 'EEXIST'],
        ['mprotect of the reservation', '0: it becomes usable where it is'],
      ],
    },
  ],
  bad: {
    about: 'A range is reserved, and its first part filled:',
    language: 'strace',
    lines: [
      EXEC,
      '100 mmap(NULL, 1048576, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE, -1, 0) = 0x7f0000000000',
      '100 mmap(0x7f0000000000, 65536, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000',
    ],
  },
  good: {
    about: 'The same by mprotect replaces nothing:',
    language: 'strace',
    lines: [
      EXEC,
      '100 mmap(NULL, 1048576, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE, -1, 0) = 0x7f0000000000',
      '100 mprotect(0x7f0000000000, 65536, PROT_READ|PROT_WRITE) = 0',
    ],
  },
  fix: null,
  advice: 'Leave it alone. A change to NOREPLACE would break it; mprotect does the same for anonymous memory.',
  notes: [
    'Memory of a reservation that had been filled and was closed again (PROT_NONE) may be taken anew, and memory that is in use may be given back by PROT_NONE over it. Allocators, the JVM and Go do so; the contents are thrown away, which they mean to. It is a note only where all of it is anonymous and of one reservation, or was closed before: over memory in use of several origins, or over written pages of a file, it is an [OL001](OL001.md).',
    'A log cannot tell giving back from a mistake in the own reservation. The note says how much had been writable, has `"confidence":"writes-not-traced"`, and `summary.linux.bytesGivenBack` counts it apart from `bytesAtRisk`.',
  ],
  source: 'mmap_region of mm/vma.c. See [decision 0024](../decisions/0024-what-replaces.md).',
  say: (f) =>
    f.writable === ''
      ? `The ${f.call} of ${f.who} put ${f.made} at ${f.at} (${f.size}) into a reservation: ${f.was}.`
      : `The ${f.call} of ${f.who} put ${f.made} at ${f.at} (${f.size}) over memory of its own, as a process gives it back: ${f.was}. ${f.writable} of it had been writable: what was written there is gone.`,
};
