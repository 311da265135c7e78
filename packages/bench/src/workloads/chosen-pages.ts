import type { Bed, Pages } from './bed.ts';
import { type Held, READ_WRITE } from './script.ts';

/** Frames and addresses by the case's pattern. */
export function chosenPages(bed: Bed): Pages {
  const { pages, pattern } = bed.benchCase;
  const addresses = bed.range.addresses(pattern ?? 'contiguous', pages, bed.draws);
  return { slots: bed.frames(pages), addresses };
}

/** Addresses that hold these pages for reading and writing. */
export function mapped({ slots, addresses }: Pages): Map<number, Held> {
  return new Map(slots.map((slot, i) => [addresses[i], { slot, rights: READ_WRITE }]));
}

/** Some of them. */
export function slice({ slots, addresses }: Pages, from: number, to: number): Pages {
  return { slots: slots.slice(from, to), addresses: addresses.slice(from, to) };
}
