import type { RangeEnd, RangeWriter } from '@overmap/report';
import type { AddressSpace } from './address-space.ts';
import type { LinuxFindings } from './linux-findings.ts';
import { accessText, hex } from './linux-words.ts';
import { type Mappings, Trait } from './mappings.ts';

/** Tells the lives of mappings, for a timeline. */
export class MappingRanges {
  /** The call that is at work, or the end of the log. */
  event = 0;
  line = 0;
  time: number = Number.NaN;
  /** How what is taken away ends. */
  how: RangeEnd = 'unmapped';
  private readonly writer: RangeWriter;
  private readonly mappings: Mappings;
  private readonly findings: LinuxFindings;

  constructor(writer: RangeWriter, mappings: Mappings, findings: LinuxFindings) {
    this.writer = writer;
    this.mappings = mappings;
    this.findings = findings;
  }

  /** A piece of an address space is to go. */
  ended(space: AddressSpace, start: number, end: number, id: number, how: RangeEnd | null): void {
    const { mappings } = this;
    // A copy begins with the fork.
    const own = mappings.event[id] >= space.event;
    const line = own ? mappings.line[id] : space.line;
    this.writer.range(
      {
        space: space.number,
        spaceName: this.findings.processName(space),
        vaddr: hex(start),
        length: end - start,
        what: this.findings.what(mappings.file[id]),
        access: accessText(mappings.prot[id], (mappings.traits[id] & Trait.shared) !== 0),
        thread: mappings.thread[id],
        event: own ? mappings.event[id] : space.event,
        line,
        endEvent: this.event,
        endLine: this.line,
        from: onAxis(own ? mappings.time[id] : space.time, line),
        to: onAxis(this.time, this.line),
      },
      how,
    );
  }

  /** Everything that an address space still has. */
  all(space: AddressSpace, how: RangeEnd | null): void {
    space.map.forEach((start, end, id) => this.ended(space, start, end, id, how));
  }
}

/** Microseconds of the log's clock, or lines. */
const onAxis = (time: number, line: number): number => (Number.isNaN(time) ? line : Math.round(time * 1e6));
