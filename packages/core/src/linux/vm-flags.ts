/** Flags of a VMA, with the values that the kernel gives them (`include/linux/mm.h`). */
export const VmFlag = {
  READ: 0x01,
  WRITE: 0x02,
  EXEC: 0x04,
  SHARED: 0x08,
  MAYREAD: 0x10,
  MAYWRITE: 0x20,
  MAYEXEC: 0x40,
  /** A shared mapping, also where SHARED was taken away because its descriptor cannot be written. */
  MAYSHARE: 0x80,
  GROWSDOWN: 0x0100,
  PFNMAP: 0x0400,
  IO: 0x4000,
  DONTEXPAND: 0x0004_0000,
  /** Its pages are charged to the system's commit limit. */
  ACCOUNT: 0x0010_0000,
  NORESERVE: 0x0020_0000,
  /** MAP_SYNC was given. */
  SYNC: 0x0080_0000,
  MIXEDMAP: 0x1000_0000,
  NOHUGEPAGE: 0x4000_0000,
} as const;

/** Read, write and execute. */
export const ACCESS = VmFlag.READ | VmFlag.WRITE | VmFlag.EXEC;
/** A VMA with one of these never merges (`VM_SPECIAL`). */
export const SPECIAL = VmFlag.IO | VmFlag.DONTEXPAND | VmFlag.PFNMAP | VmFlag.MIXEDMAP;
/** What lets each of the access bits be set lies so many bits higher. */
export const MAY_SHIFT = 4;

/** The names in `/proc/PID/smaps` (`fs/proc/task_mmu.c: show_smap_vma_flags`), by bit, in the order it prints. */
const NAMES: readonly (readonly [number, string])[] = [
  [0, 'rd'],
  [1, 'wr'],
  [2, 'ex'],
  [3, 'sh'],
  [4, 'mr'],
  [5, 'mw'],
  [6, 'me'],
  [7, 'ms'],
  [8, 'gd'],
  [10, 'pf'],
  [13, 'lo'],
  [14, 'io'],
  [15, 'sr'],
  [16, 'rr'],
  [17, 'dc'],
  [18, 'de'],
  [19, 'lf'],
  [20, 'ac'],
  [21, 'nr'],
  [22, 'ht'],
  [23, 'sf'],
  [24, 'ar'],
  [25, 'wf'],
  [26, 'dd'],
  [27, 'sd'],
  [28, 'mm'],
  [29, 'hg'],
  [30, 'nh'],
];

/** A VMA's flags as smaps lists them: `rd wr mr mw me ac`. */
export const vmFlagNames = (flags: number): string =>
  NAMES.filter(([bit]) => (flags >>> bit) & 1)
    .map(([, name]) => name)
    .join(' ');

/** Flags from the list that smaps gives. Names that are not among the model's are left out. */
export function vmFlagsOf(names: string): number {
  let flags = 0;
  const given = new Set(names.split(' '));
  for (const [bit, name] of NAMES) if (given.has(name)) flags |= 1 << bit;
  return flags;
}

/** `rwxp`, as `/proc/PID/maps` has it. */
export const permissions = (flags: number): string =>
  (flags & VmFlag.READ ? 'r' : '-') +
  (flags & VmFlag.WRITE ? 'w' : '-') +
  (flags & VmFlag.EXEC ? 'x' : '-') +
  (flags & VmFlag.MAYSHARE ? 's' : 'p');
