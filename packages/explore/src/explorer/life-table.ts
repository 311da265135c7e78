import type { Mapping, MappingEnd, MappingWriter, RangeEnd, RangeLife, RangeWriter } from '@overmap/report';
import { LIFE_ENDS, LIFE_KEYS, type LifeEnd, type PageSpace } from '../page-format/explore/page-data.ts';
import type { Texts } from './texts.ts';

type Table = Record<(typeof LIFE_KEYS)[number], number[]>;

/** Addresses from here on are no numbers that are exact. */
const LIMIT = 2 ** 52;

/**
 * Collects the lives of mappings: those that some shown event sees. Memory is bounded by what is alive and what is shown.
 */
export class LifeTable implements MappingWriter, RangeWriter {
  readonly table: Table;
  /** Called for each seL4 mapping that ended, before it is known whether it is kept. */
  onEnd: ((mapping: Mapping, how: MappingEnd | null) => void) | null = null;
  private readonly texts: Texts;
  private readonly shows: (from: number, to: number) => boolean;
  private readonly names: Map<number, string> = new Map();

  /** @param shows - whether one of these events is shown */
  constructor(texts: Texts, shows: (from: number, to: number) => boolean) {
    this.texts = texts;
    this.shows = shows;
    this.table = Object.fromEntries(LIFE_KEYS.map((key) => [key, [] as number[]])) as Table;
  }

  /** The address spaces that have a mapping, or were named, in the order of their numbers. */
  get spaces(): PageSpace[] {
    return [...this.names].map(([number, name]) => ({ number, name })).toSorted((a, b) => a.number - b.number);
  }

  /** An address space that is shown, whether or not it has a mapping. */
  space(number: number, name: string): void {
    this.names.set(number, name);
  }

  mapping(mapping: Mapping, event: number, _line: number, how: MappingEnd | null): void {
    this.onEnd?.(mapping, how);
    const frame = Number(mapping.frame);
    this.add({
      space: mapping.vspace,
      name: mapping.vspaceName,
      start: Number(mapping.vaddr),
      length: 2 ** mapping.bits,
      from: mapping.event,
      to: how === null ? event + 1 : event,
      how: how ?? 'alive',
      // Where it is not known, the trace's words for it are no number.
      frame: frame < LIMIT ? frame : -1,
      what: mapping.cap,
      access: '',
    });
  }

  range(life: RangeLife, how: RangeEnd | null): void {
    this.add({
      space: life.space,
      name: life.spaceName,
      start: Number(life.vaddr),
      length: life.length,
      from: life.event,
      to: how === null ? life.endEvent + 1 : life.endEvent,
      how: how ?? 'alive',
      frame: 0,
      what: life.what,
      access: life.access,
    });
  }

  private add(life: {
    readonly space: number;
    readonly name: string;
    readonly start: number;
    readonly length: number;
    readonly from: number;
    readonly to: number;
    readonly how: LifeEnd;
    readonly frame: number;
    readonly what: string;
    readonly access: string;
  }): void {
    if (!(life.start < LIMIT) || !this.shows(life.from, life.to)) return;
    if (!this.names.has(life.space)) this.names.set(life.space, life.name);
    const { table, texts } = this;
    table.space.push(life.space);
    table.start.push(life.start);
    table.length.push(life.length);
    table.from.push(life.from);
    table.to.push(life.to);
    table.how.push(LIFE_ENDS.indexOf(life.how));
    table.frame.push(life.frame);
    table.what.push(texts.of(life.what));
    table.access.push(texts.of(life.access));
  }
}
