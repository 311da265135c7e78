import type { LinuxProcess } from '@overmap/report';
import type { AddressSpace } from './address-space.ts';

/** Address spaces that the summary lists. */
const LISTED = 1000;

/** The address spaces in which something was replaced, for the summary: the first thousand that ended, then counted. */
export class ProcessList {
  notListed = 0;
  private readonly listed: LinuxProcess[] = [];
  private readonly what: (file: number) => string;

  /** @param what - names a file */
  constructor(what: (file: number) => string) {
    this.what = what;
  }

  /** An address space has come to its end. */
  add(space: AddressSpace): void {
    const { pid, parent, program, line, replaced } = space;
    const { replacing, bytes, atRisk } = replaced;
    if (replacing === 0) return;
    if (this.listed.length >= LISTED) {
      this.notListed++;
      return;
    }
    const origins = [...replaced.origins]
      .map(([key, n]) => ({ what: this.what(Math.floor(key / 2)), inherited: key % 2 === 1, bytes: n }))
      .toSorted((a, b) => b.bytes - a.bytes);
    this.listed.push({ pid, parent, program, line, replacing, bytesReplaced: bytes, bytesAtRisk: atRisk, origins });
  }

  /** In the order in which they began. */
  all(): LinuxProcess[] {
    return this.listed.toSorted((a, b) => a.line - b.line);
  }
}
