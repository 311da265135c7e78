import type { AddressSpace } from './address-space.ts';
import type { Grant } from './grant.ts';
import type { PageSpan } from './page-span.ts';

/** What operations did to mappings, as they really happened: of a call that fails as well. */
export interface RedoxSink {
  /** A grant is there now; its pages may be absent yet. */
  appeared(space: AddressSpace, grant: Grant): void;
  /** A grant, or the part of it that is shown, is gone. @param replaced - another one was asked for at its place */
  vanished(space: AddressSpace, grant: Grant, replaced: boolean): void;
  /** Pages of one grant have another protection now. @param before - their entry bits until then */
  protectionChanged(space: AddressSpace, span: PageSpan, before: number, after: number): void;
}

/** Messages of the kernel to the process that serves a scheme. */
export interface SchemeListener {
  /** A file is about to be mapped. @param size - in bytes, as the caller gave it */
  mmapPrep(file: number, offset: number, size: number, flags: number): void;
  /** A mapping of a file is gone. @param offset - in bytes @param size - in bytes, whole pages */
  munmap(file: number, offset: number, size: number, needsSync: boolean): void;
  /** A page of a file is wanted for a fault. No answer to it is possible (defect B11). */
  requestMmap(file: number, offset: number): void;
}
