import {
  ASID,
  BATCHED_NAMES,
  CAP_WORDS,
  CapType,
  type Columns,
  Flag,
  type Kernel,
  OBJ_NAMES,
  OBJECT,
  OBJECT_HI,
  INVENTED_HI,
  Obj,
  Op,
  Right,
  RIGHTS_MASK,
  RIGHTS_SHIFT,
  SIZE_MASK,
  SIZE_SHIFT,
  TYPE_MASK,
  VADDR_HI,
  VADDR_LO,
} from '@overmap/core';
import type { Sel4Head } from '../../page-format/explore/page-data.ts';
import type { Fact } from './moment.ts';
import { bytesText, hex, wide } from './words.ts';

const OBJECTS: Readonly<Record<string, string>> = {
  page: 'page',
  table: 'page table',
  pd: 'page directory',
  pdpt: 'page-directory-pointer table',
  vspace: 'vspace',
  pool: 'ASID pool',
};

/** Says what events and capabilities are, in the field's own words. */
export class Sel4Words {
  private readonly head: Sel4Head;
  private readonly kernel: Kernel;

  constructor(head: Sel4Head, kernel: Kernel) {
    this.head = head;
    this.kernel = kernel;
  }

  /** The trace's own number of a slot. */
  slot(dense: number): string {
    return dense === 0 ? '(none)' : (this.head.slots[dense] ?? String(dense - 1));
  }

  name(index: number): string {
    return this.head.names[index] ?? '';
  }

  /** What happened: "Map capability 118 (4 KiB) at 0x10000000 in vspace 2". */
  title(columns: Columns, i: number): string {
    const cap = `capability ${this.slot(columns.cap[i])}`;
    const src = this.slot(columns.src[i]);
    const at = hex(wide(columns.vaddrHi[i], columns.vaddrLo[i]));
    const vspace = `vspace ${this.slot(columns.vspace[i])}`;
    switch (columns.op[i]) {
      case Op.retype:
        return `Create ${this.made(columns, i)}: ${cap}`;
      case Op.make_pool:
        return `Create an ASID pool: ${cap}`;
      case Op.assign:
        return `Assign ${vspace} an ASID of pool ${src}`;
      case Op.map_table:
        return `Map the table of ${cap} at ${at} in ${vspace}`;
      case Op.unmap_table:
        return `Unmap the table of ${cap}`;
      case Op.map:
        return `Map ${cap}${this.sizeOf(columns.cap[i])} at ${at} in ${vspace}`;
      case Op.unmap:
        return `Unmap ${cap}${this.sizeOf(columns.cap[i])}`;
      case Op.address:
        return `Ask for the address of ${cap}`;
      case Op.copy:
      case Op.mint:
        return `Copy capability ${src} to ${this.slot(columns.cap[i])}`;
      case Op.move:
        return `Move capability ${src} to ${this.slot(columns.cap[i])}`;
      case Op.swap:
        return `Swap capabilities ${this.slot(columns.cap[i])} and ${src}`;
      case Op.delete:
        return `Delete ${cap}${this.sizeOf(columns.cap[i])}`;
      case Op.revoke:
        return `Revoke ${cap}`;
      case Op.state:
        return `Checkpoint of ${vspace}`;
      case Op.mark: {
        const ends = (columns.flags[i] & Flag.markEnd) !== 0;
        return `${this.name(columns.name[i])} ${ends ? 'ends' : 'begins'}${markResult(columns.flags[i])}`;
      }
      case Op.batch:
        return `A batch of ${columns.n[i]} operations: ${BATCHED_NAMES[columns.obj[i]] ?? ''}`;
      default:
        return `${this.name(columns.name[i])} (not modelled)`;
    }
  }

  /** The arguments that the title leaves out. */
  facts(columns: Columns, i: number): Fact[] {
    const op = columns.op[i];
    const facts: Fact[] = [];
    const add = (label: string, value: string): void => {
      facts.push({ label, value });
    };
    if (op === Op.map || op === Op.copy || op === Op.mint) add('rights', letters(columns.rights[i]) || 'none');
    if (op === Op.map || op === Op.map_table) add('attributes', hex(columns.attr[i] >>> 0));
    if ((columns.flags[i] & Flag.paddr) !== 0)
      add('physical address', hex(wide(columns.paddrHi[i], columns.paddrLo[i])));
    const held = op === Op.map || op === Op.unmap || op === Op.delete ? this.records(columns.cap[i]) : '';
    if (held !== '') add('capability before', held);
    if (columns.thread[i] !== 0) add('thread', this.name(columns.thread[i]));
    if (columns.cspace[i] !== 0) add('CSpace', this.name(columns.cspace[i]));
    const site = this.head.sites[columns.site[i]];
    if (site !== undefined) add('called at', site);
    const flags = columns.flags[i];
    if ((flags & Flag.boot) !== 0) add('origin', 'made by the kernel at boot');
    if ((flags & Flag.synth) !== 0) add('origin', 'rebuilds what was alive where this slice begins');
    if ((flags & Flag.inserted) !== 0) add('migration', 'put in by the migration');
    if ((flags & Flag.moved) !== 0) add('migration', 'moved up by the migration');
    if ((flags & Flag.unmigrated) !== 0) add('migration', 'could not be migrated');
    return facts;
  }

  /** " (4 KiB)" for a frame capability, '' for others. */
  private sizeOf(slot: number): string {
    const k = this.kernel;
    const w = slot < k.slotLimit ? k.caps[slot * CAP_WORDS] : 0;
    return (w & TYPE_MASK) === CapType.frame ? ` (${bytesText(2 ** k.sizeBits[(w >> SIZE_SHIFT) & SIZE_MASK])})` : '';
  }

  /** What a capability is and records: "frame 0x1000, mapped at 0x…". */
  private records(slot: number): string {
    const k = this.kernel;
    const c = slot * CAP_WORDS;
    if (slot >= k.slotLimit || k.caps[c] === 0) return 'empty slot';
    return `${this.what(c)}; ${this.place(c) || 'not mapped'}`;
  }

  /** What a capability (offset) is: "4 KiB frame 0x82000 (rw)". */
  what(c: number): string {
    const k = this.kernel;
    const w = k.caps[c];
    const size = (w >> SIZE_SHIFT) & SIZE_MASK;
    switch (w & TYPE_MASK) {
      case CapType.frame: {
        const rights = ['none', 'r', 'rw'][(w >> RIGHTS_SHIFT) & RIGHTS_MASK] ?? '';
        return `${bytesText(2 ** k.sizeBits[size])} frame ${this.frame(c)} (${rights})`;
      }
      case CapType.table:
        return 'page table';
      case CapType.vspace:
        return 'vspace';
      case CapType.pool:
        return 'ASID pool';
      default:
        return 'empty';
    }
  }

  /** Where a capability (offset) says that it is mapped, '' for nowhere. */
  place(c: number): string {
    const { caps } = this.kernel;
    const asid = caps[c + ASID];
    if (asid === 0) return '';
    const type = caps[c] & TYPE_MASK;
    if (type === CapType.vspace) return `ASID ${asid}`;
    return `${hex(wide(caps[c + VADDR_HI], caps[c + VADDR_LO]))}, ASID ${asid}`;
  }

  private frame(c: number): string {
    const { caps } = this.kernel;
    return caps[c + OBJECT_HI] >= INVENTED_HI ? 'of unknown address' : hex(wide(caps[c + OBJECT_HI], caps[c + OBJECT]));
  }

  private made(columns: Columns, i: number): string {
    const name = OBJECTS[OBJ_NAMES[columns.obj[i]] ?? ''] ?? 'object';
    const size = columns.obj[i] === Obj.page ? `${bytesText(2 ** columns.bits[i])} ` : '';
    const n = columns.n[i];
    return n === 1 ? `a ${size}${name}` : `${n} ${size}${name}s`;
  }
}

const markResult = (flags: number): string =>
  (flags & Flag.markResult) === 0 ? '' : `: ${(flags & Flag.markFailed) === 0 ? 'passed' : 'failed'}`;

const letters = (rights: number): string =>
  `${(rights & Right.read) === 0 ? '' : 'r'}${(rights & Right.write) === 0 ? '' : 'w'}${(rights & Right.grant) === 0 ? '' : 'g'}${(rights & Right.grantReply) === 0 ? '' : 'G'}`;
