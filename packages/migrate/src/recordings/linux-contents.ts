import { ACCESS, type AddressSpace, insideFile, type LinuxSink, NO_FILE, VmFlag } from '@overmap/core';

/**
 * What the pages hold, as far as recordings look: the number in the first eight bytes of each. Private pages by address,
 * those of files and shared memory by their place in the file. It follows the address space as its sink.
 */
export class LinuxContents implements LinuxSink {
  private readonly space: AddressSpace;
  private readonly executeOnly: boolean;
  /** Private pages that were written. */
  private readonly own = new Map<number, number>();
  /** Pages of files that were written through shared mappings. */
  private readonly files = new Map<number, Map<number, number>>();
  private readonly initial: (name: string, page: number) => number;

  /**
   * @param initial - the tag of a file's page before anybody wrote, 0 = none
   * @param executeOnly - memory that may only be executed cannot be read
   */
  constructor(space: AddressSpace, initial: (name: string, page: number) => number, executeOnly: boolean) {
    this.space = space;
    this.initial = initial;
    this.executeOnly = executeOnly;
  }

  appeared(): void {}

  changed(): void {}

  vanished(start: number, end: number): void {
    for (const page of this.ownIn(start, end)) this.own.delete(page);
  }

  replaced(start: number, end: number): void {
    this.vanished(start, end);
  }

  moved(from: number, to: number, pages: number): void {
    for (const page of this.ownIn(from, from + pages)) {
      this.own.set(page - from + to, this.own.get(page) ?? 0);
      this.own.delete(page);
    }
  }

  /** A page was written; the model has allowed it. */
  write(page: number, tag: number): void {
    const { map, attributes } = this.space;
    const id = map.find(page);
    if ((attributes.flags[id] & VmFlag.MAYSHARE) === 0) {
      this.own.set(page, tag);
      return;
    }
    const file = attributes.file[id];
    const pages = this.files.get(file) ?? new Map<number, number>();
    this.files.set(file, pages.set(page + attributes.delta[id], tag));
  }

  /** Every readable page of [from, to) whose tag is not 0, upward. */
  tags(from: number, to: number): [number, number][] {
    const { attributes, map } = this.space;
    const found: [number, number][] = [];
    const at = map.cursor();
    for (let more = at.seek(from); more && at.start < to; more = at.next()) {
      const access = attributes.flags[at.id] & ACCESS;
      if (access === 0 || (this.executeOnly && access === VmFlag.EXEC)) continue;
      for (let page = Math.max(at.start, from); page < Math.min(at.end, to); page++) {
        const tag = insideFile(this.space, page, at.id) ? this.tagAt(page, at.id) : 0;
        if (tag !== 0) found.push([page, tag]);
      }
    }
    return found;
  }

  private tagAt(page: number, id: number): number {
    const { attributes, files } = this.space;
    const isPrivate = (attributes.flags[id] & VmFlag.MAYSHARE) === 0;
    const own = isPrivate ? this.own.get(page) : undefined;
    if (own !== undefined) return own;
    const file = attributes.file[id];
    if (file === NO_FILE) return 0;
    const place = page + attributes.delta[id];
    return this.files.get(file)?.get(place) ?? this.initial(files.get(file)?.name ?? '', place);
  }

  private ownIn(start: number, end: number): number[] {
    const pages: number[] = [];
    if (end - start <= this.own.size) {
      for (let page = start; page < end; page++) if (this.own.has(page)) pages.push(page);
    } else for (const page of this.own.keys()) if (page >= start && page < end) pages.push(page);
    return pages;
  }
}
