import { FileNames } from './file-names.ts';
import { SiteNames } from './stack-sites.ts';
import { Call } from './strace-call.ts';
import { StraceThread, StraceThreads } from './strace-threads.ts';

/** What a log has told so far: one for all files of a run (`strace -ff` writes one for each thread). */
export class StraceLog {
  readonly threads: StraceThreads = new StraceThreads();
  readonly files: FileNames;
  readonly sites: SiteNames = new SiteNames();
  /** In place of a thread where none is known. */
  readonly nobody: StraceThread = new StraceThread(-1, -1, 0);
  /** Calls that were entered, of whatever name. */
  calls = 0;
  /** Mark the files of calls that were read and are held back. */
  readonly heldFiles: ((needed: Uint8Array) => void)[] = [];
  /** Those that change an address space, or say whose it is, by kind. */
  readonly counts: Float64Array = new Float64Array(Object.keys(Call).length);

  /** @param neededFiles - says which of the files that were numbered up to `count` are needed still */
  constructor(neededFiles: (count: number) => Uint8Array) {
    this.files = new FileNames((count) => {
      const needed = neededFiles(count);
      for (const mark of this.heldFiles) mark(needed);
      return needed;
    });
  }
}
