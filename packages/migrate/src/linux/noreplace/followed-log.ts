import {
  emptyCall,
  type PendingClone,
  StraceScanner,
  type StraceCall,
  type StraceScannerOptions,
  type StraceSink,
  type StraceThread,
} from '@overmap/trace';
import type { AddressSpace } from '../address-space.ts';
import { Trait } from '../mappings.ts';
import type { StraceAudit } from '../strace-audit.ts';

/** Part of an address space: whatever is alike and touches is one piece. */
export interface Piece {
  readonly start: number;
  end: number;
  readonly prot: number;
  readonly shared: boolean;
  /** Its file's name; null = anonymous. */
  readonly file: string | null;
}

/** Asked before a call takes effect, and before a thread leaves its address space. */
export interface LogWatch {
  before?(call: StraceCall, space: AddressSpace): void;
  leaving?(thread: StraceThread, space: AddressSpace): void;
}

/** A log that is read line by line, with the address spaces of its processes. */
export class FollowedLog implements StraceSink {
  readonly scanner: StraceScanner;
  readonly audit: StraceAudit;
  /** Calls that have returned so far, and the last of them. */
  returned = 0;
  readonly last: StraceCall;
  private readonly watch: LogWatch;

  constructor(audit: StraceAudit, watch: LogWatch, options: StraceScannerOptions = {}) {
    this.audit = audit;
    this.watch = watch;
    this.last = emptyCall(audit.log.nobody);
    this.scanner = new StraceScanner(audit.log, this, options);
  }

  /** One line with its end, or the last one without. A stack behind a call is not waited for. */
  line(bytes: Uint8Array): void {
    this.scanner.feed(bytes);
    this.scanner.flush();
  }

  appeared(thread: StraceThread, makers: readonly PendingClone[]): void {
    this.audit.appeared(thread, makers);
  }

  cloning(call: StraceCall): void {
    this.audit.cloning(call);
  }

  unreturned(): void {}

  ended(thread: StraceThread, line: number, time: number): void {
    this.watch.leaving?.(thread, this.audit.spaces.of(thread));
    this.audit.ended(thread, line, time);
  }

  superseded(thread: StraceThread, by: StraceThread): void {
    this.audit.superseded(thread, by);
  }

  call(call: StraceCall): void {
    Object.assign(this.last, call);
    this.returned++;
    this.watch.before?.(call, this.audit.spaces.of(call.thread));
    this.audit.call(call);
  }

  /** The file of a call, by name; null = none. */
  fileOf(file: number): string | null {
    return file === 0 ? null : this.audit.log.files.name(file);
  }

  /** What [start, end) of a space has. */
  pieces(space: AddressSpace, start: number, end: number): Piece[] {
    const { mappings } = this.audit;
    const found: Piece[] = [];
    for (const { start: from, end: to, id } of space.pieces(start, end)) {
      const file = this.fileOf(mappings.file[id]);
      const prot = mappings.prot[id];
      const shared = (mappings.traits[id] & Trait.shared) !== 0;
      const before = found.at(-1);
      const joins = before?.end === from && before.prot === prot && before.shared === shared && before.file === file;
      if (joins) before.end = to;
      else found.push({ start: from, end: to, prot, shared, file });
    }
    return found;
  }
}
