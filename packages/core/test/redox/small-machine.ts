import { redox } from '../../src/index.ts';

const { MAP, PAGE_SIZE, performRedox } = redox;

/** Protection bits by letters, such as `rw`. */
export const prot = (letters: string): number =>
  (letters.includes('r') ? MAP.read : 0) |
  (letters.includes('w') ? MAP.write : 0) |
  (letters.includes('x') ? MAP.exec : 0);

/** A machine of so many spaces, and short ways to do things to it. Pages and counts of pages instead of bytes. */
export class SmallMachine {
  readonly machine: redox.Machine;
  /** Messages to schemes. */
  readonly messages: string[] = [];

  constructor(policy: number = redox.REDOX_POLICIES.asIs, spaces = 1, memory?: readonly redox.FrameRange[]) {
    this.machine = new redox.Machine(memory === undefined ? { policy } : { policy, memory });
    for (let id = 0; id < spaces; id++) this.machine.addSpace(id);
    this.machine.schemes = {
      mmapPrep: (file, offset, size) => this.messages.push(`prep ${file} ${offset} ${size}`),
      munmap: (file, offset, size, sync) =>
        this.messages.push(`munmap ${file} ${offset} ${size}${sync ? ' sync' : ''}`),
      requestMmap: (file, offset) => this.messages.push(`request ${file} ${offset}`),
    };
  }

  do(operation: redox.RedoxOperation): redox.RedoxOutcome {
    return performRedox(this.machine, operation);
  }

  /** Private memory at a fixed place, unless `how` says otherwise. */
  map(
    space: number,
    page: number,
    count: number,
    letters = 'rw',
    how: { shared?: boolean; contiguous?: boolean; flags?: number } = {},
  ) {
    const mapFlags = prot(letters) | (how.shared ? MAP.shared : MAP.private) | (how.flags ?? MAP.fixed);
    const where = { address: page * PAGE_SIZE, size: count * PAGE_SIZE };
    return this.do({ op: 'mmap', space, ...where, mapFlags, memory: 'wb', contiguous: how.contiguous ?? false });
  }

  device(space: number, frame: number, count: number, letters = 'rw') {
    const where = { physical: frame * PAGE_SIZE, size: count * PAGE_SIZE };
    return this.do({ op: 'mapPhysical', space, ...where, mapFlags: prot(letters), memory: 'uc' });
  }

  unmap(space: number, page: number, count: number) {
    return this.do({ op: 'munmap', space, address: page * PAGE_SIZE, size: count * PAGE_SIZE });
  }

  unmapUnpin(space: number, page: number, count: number) {
    return this.do({ op: 'munmapUnpin', space, address: page * PAGE_SIZE, size: count * PAGE_SIZE });
  }

  protect(space: number, page: number, count: number, letters: string) {
    const where = { address: page * PAGE_SIZE, size: count * PAGE_SIZE };
    return this.do({ op: 'mprotect', space, ...where, mapFlags: prot(letters) });
  }

  move(space: number, page: number, count: number, to: number, newCount: number, letters: string, remapFlags: number) {
    const [oldAddress, oldSize] = [page * PAGE_SIZE, count * PAGE_SIZE];
    const [newAddress, newSize] = [to * PAGE_SIZE, newCount * PAGE_SIZE];
    return this.do({
      op: 'mremap',
      space,
      oldAddress,
      oldSize,
      newAddress,
      newSize,
      remapFlags,
      mapFlags: prot(letters),
    });
  }

  read(space: number, page: number) {
    return this.do({ op: 'access', access: 'read', space, page, value: 0 });
  }

  write(space: number, page: number, value: number) {
    return this.do({ op: 'access', access: 'write', space, page, value });
  }

  fetch(space: number, page: number) {
    return this.do({ op: 'access', access: 'fetch', space, page, value: 0 });
  }

  fork(space: number, child: number) {
    return this.do({ op: 'fork', space, child });
  }

  borrow(space: number, to: number, source: number, from: number, count: number, letters = 'r', flags = MAP.fixed) {
    const where = { sourceAddress: from * PAGE_SIZE, size: count * PAGE_SIZE, address: to * PAGE_SIZE };
    return this.do({ op: 'borrow', space, source, ...where, mapFlags: prot(letters) | flags });
  }

  /** A file whose pages are in the scheme's space from page `from` on. */
  file(
    space: number,
    to: number,
    scheme: number,
    from: number,
    count: number,
    letters = 'rw',
    flags: number = MAP.shared | MAP.fixed,
  ) {
    const where = { size: count * PAGE_SIZE, address: to * PAGE_SIZE, reply: from * PAGE_SIZE };
    return this.do({ op: 'mapScheme', space, scheme, file: 7, offset: 0, ...where, mapFlags: prot(letters) | flags });
  }

  space(id: number): redox.AddressSpace {
    const space = this.machine.spaces.get(id);
    if (space === undefined) throw new RangeError(`no space ${id}`);
    return space;
  }

  /** `rwx` letters of a page's entry, or null. */
  entry(space: number, page: number): string | null {
    const entry = this.space(space).table.entry(page);
    if (entry === 0) return null;
    const flags = redox.entryFlags(entry);
    return `r${(flags & redox.PTE.write) === 0 ? '-' : 'w'}${(flags & redox.PTE.exec) === 0 ? '-' : 'x'}`;
  }

  frame(space: number, page: number): number {
    return redox.entryFrame(this.space(space).table.entry(page));
  }

  /** References of the frame of a page, as `1`, `C2`, `S2`. */
  references(space: number, page: number): string {
    const { allocator } = this.machine.frames;
    const references = allocator.infos.references(allocator.index(this.frame(space, page)));
    if (references.kind === 'none') return '0';
    return references.kind === 'one' ? '1' : `${references.kind === 'Cow' ? 'C' : 'S'}${references.count}`;
  }

  /** Each grant as `page+count rwx provider`. */
  grants(space: number): string[] {
    return this.space(space)
      .grants.list()
      .map(({ base, count, flags, provider }) => {
        const letters = `r${(flags & redox.PTE.write) === 0 ? '-' : 'w'}${(flags & redox.PTE.exec) === 0 ? '-' : 'x'}`;
        return `${base}+${count} ${letters} ${provider.kind}`;
      });
  }

  /** Pins of the scheme mapping at a page. */
  pins(space: number, page: number): number | null {
    const provider = this.space(space).grants.containing(page)?.provider;
    return provider?.kind === 'FmapBorrowed' ? provider.pins : null;
  }

  /** All that can be seen: grants, holes, entries, words. */
  state(): unknown {
    return stateOf(this.machine);
  }
}

/** All that can be seen of a machine. */
export function stateOf(machine: redox.Machine): unknown {
  return [...machine.spaces.values()].map((space) => {
    const entries: unknown[] = [];
    space.table.forEachPresent(0, redox.USER_END_PAGE, (page, entry) => {
      const { frames } = machine;
      const i = frames.allocator.index(redox.entryFrame(entry));
      entries.push([
        page,
        entry,
        frames.read(redox.entryFrame(entry)),
        i < 0 ? null : frames.allocator.infos.word(i).toString(),
      ]);
    });
    const grants = space.grants.list().map(({ provider, ...grant }) => ({
      ...grant,
      provider: { ...provider, source: provider.kind === 'External' ? provider.source?.id : undefined },
    }));
    return { id: space.id, least: space.minPage, grants, holes: space.grants.holes(), entries };
  });
}

export const ok = (value: number): redox.RedoxOutcome => ({ kind: 'done', value: value * PAGE_SIZE });
export const done: redox.RedoxOutcome = { kind: 'done', value: 0 };
export const error = (name: redox.ErrorName): redox.RedoxOutcome => ({ kind: 'error', error: name });
