import type { RangeCursor } from '../range-cursor.ts';
import { RangeMap } from '../range-map.ts';
import { AttributeTable, NO_FILE } from './attributes.ts';
import type { LinuxSink } from './effects.ts';
import type { OpenFile } from './files.ts';

/** What of a kernel and its settings the rules depend on. Addresses in bytes. */
export interface LinuxConfig {
  /** First address behind user space. Default 0x7ffffffff000: four-level page tables. */
  readonly taskSize?: number;
  /** `vm.mmap_min_addr`: nothing is mapped below it without CAP_SYS_RAWIO. Default 4096. */
  readonly mmapMinAddr?: number;
  /** `CONFIG_LSM_MMAP_MIN_ADDR`: hints and the search stay above both. Default 65536, as on x86; 0 without LSM. */
  readonly lsmMinAddr?: number;
  /** Where the search for a place begins, downward. Default 0x7ffff7fff000: no randomisation, a stack of 8 MiB. */
  readonly mmapBase?: number;
  /** `vm.max_map_count`. Default 65530. */
  readonly maxMapCount?: number;
  /** Pages kept free below a stack (`stack_guard_gap`). Default 256. */
  readonly stackGapPages?: number;
  /** CAP_SYS_RAWIO: may map below `mmapMinAddr`. Default true. */
  readonly rawIo?: boolean;
  /** The rules of mremap: as of 6.17, or those before. Default '6.17'. */
  readonly mremap?: '6.17' | 'before';
  /** Transparent huge pages are built in: places of anonymous multiples of 2 MiB are aligned. Default true. */
  readonly hugePages?: boolean;
  /** `vm.overcommit_memory` is 2: NORESERVE has no effect. Default false. */
  readonly neverOvercommit?: boolean;
}

/** A whole state, to return to. It is not changed by what comes after; taking it costs nothing but copies later. */
export interface LinuxSnapshot {
  readonly map: RangeMap;
  readonly attributes: AttributeTable;
  readonly files: ReadonlyMap<number, OpenFile>;
  readonly lastFile: number;
  readonly lastAnon: number;
}

/** Sets of attributes that are kept at least before those without a VMA are looked for. */
const FEW_SETS = 1024;

/** The virtual memory areas of a process: ranges of pages, each with the number of its attributes. */
export class AddressSpace {
  /** The VMAs; bounds are page numbers. */
  map = new RangeMap();
  /** For looking at the neighbours of a place. */
  near: RangeCursor = this.map.cursor();
  /** For walks over a range; looking at neighbours does not disturb them. */
  walk: RangeCursor = this.map.cursor();
  attributes = new AttributeTable();
  files: Map<number, OpenFile> = new Map();
  sink: LinuxSink | null = null;
  /** Page of the address that the last successful mmap or mremap gave. */
  at = 0;
  lastFile = 0;
  lastAnon = 0;
  readonly taskPages: number;
  /** Below it mapping takes a capability. */
  readonly openPage: number;
  /** Hints below it are lifted to it, and the search ends there. */
  readonly minPage: number;
  readonly basePage: number;
  /** Where the search begins, upward, once that from the base downward has failed. */
  readonly legacyPage: number;
  readonly maxMapCount: number;
  readonly stackGap: number;
  readonly rawIo: boolean;
  readonly before617: boolean;
  readonly hugePages: boolean;
  readonly neverOvercommit: boolean;

  constructor(config: LinuxConfig = {}) {
    this.taskPages = (config.taskSize ?? 0x7fff_ffff_f000) / 4096;
    this.openPage = Math.ceil((config.mmapMinAddr ?? 4096) / 4096);
    this.minPage = Math.max(this.openPage, Math.ceil((config.lsmMinAddr ?? 65536) / 4096));
    this.basePage = (config.mmapBase ?? 0x7fff_f7ff_f000) / 4096;
    this.legacyPage = Math.ceil(this.taskPages / 3);
    this.maxMapCount = config.maxMapCount ?? 65530;
    this.stackGap = config.stackGapPages ?? 256;
    this.rawIo = config.rawIo ?? true;
    this.before617 = config.mremap === 'before';
    this.hugePages = config.hugePages ?? true;
    this.neverOvercommit = config.neverOvercommit ?? false;
  }

  /** Make an open file known. @returns its number, for the column `file` */
  open(file: OpenFile): number {
    this.files.set(++this.lastFile, file);
    return this.lastFile;
  }

  /** Whether a VMA's pages are anonymous and private (`vma_is_anonymous`). */
  isAnonymous(attributes: number): boolean {
    const file = this.attributes.file[attributes];
    return file === NO_FILE || this.files.get(file)?.anonymous === true;
  }

  /** A copy for a fork. It shares all that neither of the two changes. */
  snapshot(): LinuxSnapshot {
    const { map, attributes, files, lastFile, lastAnon } = this;
    return { map: map.clone(), attributes, files: new Map(files), lastFile, lastAnon };
  }

  restore(snapshot: LinuxSnapshot): void {
    this.use(snapshot.map.clone());
    this.attributes = snapshot.attributes;
    this.files = new Map(snapshot.files);
    this.lastFile = snapshot.lastFile;
    this.lastAnon = snapshot.lastAnon;
  }

  /** Go on with other ranges. */
  use(map: RangeMap): void {
    this.map = map;
    this.near = map.cursor();
    this.walk = map.cursor();
  }

  /** Forget attributes and anonymous files that no VMA has any more, once they are more than those in use. */
  tidy(): void {
    if (this.attributes.count < FEW_SETS || this.attributes.count < 2 * this.map.count) return;
    const old = this.attributes;
    const kept = new AttributeTable();
    const moves: [number, number][] = [];
    const used = new Set<number>();
    this.map.forEach((start, _end, id) => {
      used.add(old.file[id]);
      moves.push([start, kept.intern(old.flags[id], old.file[id], old.delta[id], old.anon[id])]);
    });
    for (const [start, id] of moves) this.map.setId(start, id);
    // Snapshots go on with the table that they know.
    this.attributes = kept;
    for (const [number, { shm }] of this.files) if (shm === true && !used.has(number)) this.files.delete(number);
  }
}
