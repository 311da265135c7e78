import {
  AddressSpace,
  ACCESS,
  Errno,
  errnoName,
  type LinuxCall,
  LinuxColumns,
  type LinuxConfig,
  type LinuxWord,
  MapFlag,
  permissions,
  Prot,
  RemapFlag,
  runCall,
  vmFlagNames,
} from '../../src/linux/index.ts';

export const PAGE = 4096;
/** Where the tests map things. */
export const BASE = 0x2000_0000_0000;
/** The n-th page from there. */
export const at = (n: number): number => BASE + n * PAGE;

export const R = Prot.READ;
export const RW = Prot.READ | Prot.WRITE;
export const RX = Prot.READ | Prot.EXEC;
const ANON = MapFlag.PRIVATE | MapFlag.ANONYMOUS;

/** A process for tests: calls by name, in pages from BASE, answers as strace prints them. */
export class Process {
  readonly space: AddressSpace;
  private readonly calls = new LinuxColumns();

  constructor(config: LinuxConfig = {}) {
    this.space = new AddressSpace(config);
  }

  /** Run a call. @returns "ok", a hexadecimal address, or the error's name */
  call(call: LinuxCall): string {
    this.calls.set(0, call);
    const error = runCall(this.space, this.calls, 0);
    const places = call.op === 'mmap' || call.op === 'mremap';
    return error === Errno.OK && places ? `0x${(this.space.at * PAGE).toString(16)}` : errnoName(error);
  }

  /** mmap of anonymous private memory at BASE, fixed unless other flags are given. */
  map(page: number, pages: number, prot: number = RW, flags: number = ANON | MapFlag.FIXED): string {
    return this.call({ op: 'mmap', addr: at(page), len: pages * PAGE, prot, flags });
  }

  /** mmap of a file, fixed. @param off - page in the file */
  mapFile(
    page: number,
    pages: number,
    file: number,
    off: number,
    prot: number = RW,
    flags: number = MapFlag.SHARED,
  ): string {
    return this.call({
      op: 'mmap',
      addr: at(page),
      len: pages * PAGE,
      prot,
      flags: flags | MapFlag.FIXED,
      file,
      off: off * PAGE,
    });
  }

  /** mmap without a hint. */
  anywhere(pages: number, flags: number = ANON, addr: LinuxWord = 0): string {
    return this.call({ op: 'mmap', addr, len: pages * PAGE, prot: RW, flags });
  }

  unmap(page: number, pages: number): string {
    return this.call({ op: 'munmap', addr: at(page), len: pages * PAGE });
  }

  protect(page: number, pages: number, prot: number): string {
    return this.call({ op: 'mprotect', addr: at(page), len: pages * PAGE, prot });
  }

  remap(page: number, oldPages: number, newPages: number, flags = 0, target = 0): string {
    return this.call({
      op: 'mremap',
      addr: at(page),
      oldLen: oldPages * PAGE,
      newLen: newPages * PAGE,
      flags,
      newAddr: flags & (RemapFlag.FIXED | RemapFlag.DONTUNMAP) ? at(target) : 0,
    });
  }

  touch(page: number): string {
    return this.call({ op: 'touch', addr: at(page) });
  }

  /** What is mapped: first page, pages, permissions, and the flags besides access and what may be set. */
  get maps(): string[] {
    const { attributes, map } = this.space;
    const shown: string[] = [];
    map.forEach((start, end, id) => {
      const flags = attributes.flags[id];
      const rest = vmFlagNames(flags & ~(ACCESS | 0xf8));
      shown.push(`${start - BASE / PAGE}+${end - start} ${permissions(flags)}${rest === '' ? '' : ` ${rest}`}`);
    });
    return shown;
  }

  /** The anon_vma of a page, 0 = none. */
  anonAt(page: number): number {
    return this.space.attributes.anon[this.space.map.find(page + BASE / PAGE)];
  }
}

export { ANON, MapFlag, Prot, RemapFlag };
