import { type Action, PAGE, type Place } from './scenario.ts';

/** Below every system's limit of user addresses, those of 32 bits too. */
const FIRST = 0x1000_0000;
/** The largest area and as much behind it, which stays free. */
const STRIDE = 0x200_0000;

/** Where areas lie: at the same addresses on every system. */
export class Plan {
  private readonly areas = new Map<string, { readonly start: number; readonly pages: number }>();

  declare({ name, pages }: Extract<Action, { kind: 'area' | 'reserve' }>): { start: number; end: number } {
    const start = FIRST + this.areas.size * STRIDE;
    this.areas.set(name, { start, pages });
    return { start, end: start + pages * PAGE };
  }

  /** @throws RangeError for an area that was not declared */
  addressOf({ area, page }: Place): number {
    const found = this.areas.get(area);
    if (found === undefined) throw new RangeError(`there is no area ${area}`);
    return found.start + page * PAGE;
  }

  /** `A+3`; an address in hexadecimal outside of the areas. */
  placeOf(address: number): string {
    for (const [name, { start, pages }] of this.areas)
      if (start <= address && address < start + pages * PAGE) return `${name}+${(address - start) / PAGE}`;
    return `0x${address.toString(16)}`;
  }
}
