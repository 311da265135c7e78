import { RangeMap } from '../range-map.ts';
import type { NewReservation, PageContent, Span } from './decision.ts';
import type { PcuabiProfile } from './profile.ts';

/** A reserved range: immutable, it exists while a page belongs to it. */
export interface Reservation extends NewReservation {
  readonly number: number;
  /** Bytes of its pages that are mapped. */
  mapped: number;
  /** Its last page is gone, but its range not free again: until revocation. */
  quarantined: boolean;
}

/** What the pages of a run have in common. */
export interface PageAttributes extends PageContent {
  /** Number of their reservation. */
  readonly reservation: number;
  /** Bytes that have them. */
  bytes: number;
}

/** A mapping: a run of pages with the same attributes. */
export interface PcuabiMapping extends Span, PageContent {
  readonly reservation: number;
}

/** A copy of a space's state. */
export interface PcuabiSnapshot {
  readonly mappings: RangeMap;
  readonly outers: RangeMap;
  readonly reservations: readonly Reservation[];
  readonly attributes: readonly (readonly [number, PageAttributes])[];
  readonly overlapping: readonly number[];
  readonly nextReservation: number;
}

const attributeKey = ({ prot, shared, object, origin, dontFork }: PageContent, reservation: number): string =>
  `${reservation} ${object} ${origin} ${prot} ${shared ? 1 : 0} ${dontFork ? 1 : 0}`;

/**
 * An address space of a pure-capability program. A reservation is a property of mapped pages: there is no list of them
 * beside the mappings but what can be made from these, kept up to date here.
 */
export class PcuabiSpace {
  readonly profile: PcuabiProfile;
  /** Runs of pages; the id is that of their attributes. */
  mappings = new RangeMap();
  /** Outer ranges of reservations; the id is the reservation's number. */
  outers = new RangeMap();
  /** Reservations by number. */
  reservations = new Map<number, Reservation>();
  attributes = new Map<number, PageAttributes>();
  /** Reservations that another one overlaps: there are none but by a search among mappings. */
  overlapping = new Set<number>();
  private attributeIds = new Map<string, number>();
  private nextReservation = 1;
  private nextAttributes = 1;

  constructor(profile: PcuabiProfile) {
    this.profile = profile;
  }

  /** The live reservation whose outer range holds [start, end), or undefined. */
  reservationAround(start: number, end: number): Reservation | undefined {
    const found = this.reservations.get(this.outers.find(start));
    if (found !== undefined && !found.quarantined && found.outer.end >= end) return found;
    for (const number of this.overlapping) {
      const other = this.reservations.get(number);
      if (other !== undefined && other.outer.start <= start && other.outer.end >= end) return other;
    }
    return undefined;
  }

  /** The live reservation whose inner range holds [start, end) and `start`, or undefined. */
  reservationWithin(start: number, end: number): Reservation | undefined {
    const found = this.reservationAround(start, end);
    return found !== undefined && found.inner.start <= start && start < found.inner.end && end <= found.inner.end
      ? found
      : undefined;
  }

  /** Whether [start, end) touches no reservation, neither a live one nor one in quarantine. */
  isUnreserved(start: number, end: number): boolean {
    if (this.outers.overlaps(start, end)) return false;
    for (const number of this.overlapping) {
      const other = this.reservations.get(number);
      if (other !== undefined && other.outer.start < end && start < other.outer.end) return false;
    }
    return true;
  }

  /** The mapping that holds an address, as long as its attributes are the same; undefined if there is none. */
  mappingAt(address: number): PcuabiMapping | undefined {
    const at = this.mappings.cursor();
    if (!at.seek(address) || at.start > address) return undefined;
    const attributes = this.attributes.get(at.id);
    return attributes === undefined ? undefined : { ...attributes, start: at.start, end: at.end };
  }

  /** All mappings, in address order. */
  listMappings(): PcuabiMapping[] {
    const listed: PcuabiMapping[] = [];
    this.mappings.forEach((start, end, id) => {
      const attributes = this.attributes.get(id);
      if (attributes === undefined) return;
      const { bytes: _, ...content } = attributes;
      listed.push({ ...content, start, end });
    });
    return listed;
  }

  /** All live reservations, in address order. */
  listReservations(): Reservation[] {
    return [...this.reservations.values()]
      .filter(({ quarantined }) => !quarantined)
      .sort((a, b) => a.outer.start - b.outer.start || a.number - b.number);
  }

  /** Make a reservation; its first pages are yet to come. */
  addReservation(made: NewReservation): Reservation {
    const number = this.nextReservation++;
    const { inner, outer, permissions } = made;
    const reservation: Reservation = { inner, outer, permissions, number, mapped: 0, quarantined: false };
    this.reservations.set(number, reservation);
    const { start, end } = outer;
    if (this.isUnreserved(start, end)) this.outers.insert(start, end, number);
    else this.overlapping.add(number);
    return reservation;
  }

  /** A reservation has lost its last page. */
  removeReservation(reservation: Reservation): void {
    this.reservations.delete(reservation.number);
    if (!this.overlapping.delete(reservation.number)) this.outers.remove(reservation.outer.start);
  }

  /** Give back what is in quarantine, as a pass of revocation does. */
  revoke(): void {
    for (const reservation of this.reservations.values())
      if (reservation.quarantined) this.removeReservation(reservation);
  }

  /** The id of attributes; the same for the same ones, so that equal neighbours can be joined. */
  attributesFor(content: PageContent, reservation: number): number {
    const { prot, shared, object, origin, dontFork } = content;
    const key = attributeKey(content, reservation);
    const known = this.attributeIds.get(key);
    if (known !== undefined) return known;
    const id = this.nextAttributes++;
    this.attributeIds.set(key, id);
    this.attributes.set(id, { prot, shared, object, origin, dontFork, reservation, bytes: 0 });
    return id;
  }

  /** No page has these attributes any more. */
  forgetAttributes(id: number): void {
    const known = this.attributes.get(id);
    if (known === undefined) return;
    this.attributeIds.delete(attributeKey(known, known.reservation));
    this.attributes.delete(id);
  }

  /** A copy that changes apart from this one, as a child's space does. */
  clone(): PcuabiSpace {
    const copy = new PcuabiSpace(this.profile);
    copy.restore(this.snapshot());
    return copy;
  }

  snapshot(): PcuabiSnapshot {
    return {
      mappings: this.mappings.clone(),
      outers: this.outers.clone(),
      reservations: [...this.reservations.values()].map((reservation) => ({ ...reservation })),
      attributes: [...this.attributes].map(([id, attributes]) => [id, { ...attributes }]),
      overlapping: [...this.overlapping],
      nextReservation: this.nextReservation,
    };
  }

  restore(snapshot: PcuabiSnapshot): void {
    this.mappings = snapshot.mappings.clone();
    this.outers = snapshot.outers.clone();
    this.reservations = new Map(snapshot.reservations.map((reservation) => [reservation.number, { ...reservation }]));
    this.attributes = new Map();
    this.attributeIds = new Map();
    this.overlapping = new Set(snapshot.overlapping);
    this.nextReservation = snapshot.nextReservation;
    for (const [id, attributes] of snapshot.attributes) {
      this.attributes.set(id, { ...attributes });
      this.attributeIds.set(attributeKey(attributes, attributes.reservation), id);
      this.nextAttributes = Math.max(this.nextAttributes, id + 1);
    }
  }
}
