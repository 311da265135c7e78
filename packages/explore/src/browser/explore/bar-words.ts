import type { LaneBar } from './lane-layout.ts';
import type { World } from './moment.ts';
import { bytesText, grouped, hex } from './words.ts';

type Named = Pick<LaneBar, 'kind' | 'index'>;

/** A bar as cells of a table: address, size, what it is, from when until when. */
export function barCells({ lives, staleSpans, gaps }: World, { kind, index }: Named): string[] {
  const span = kind === 'stale' ? staleSpans[index] : kind === 'gap' ? gaps[index] : undefined;
  if (span !== undefined) {
    const what = kind === 'stale' ? 'stale capability' : 'empty after a migration';
    return [hex(span.start), bytesText(span.length), what, grouped(span.from), grouped(span.to)];
  }
  const { table } = lives;
  const what = `${lives.text(table.access[index])} ${lives.text(table.what[index])}`.trim();
  const how = lives.how(index);
  const end = how === 'alive' ? 'still there' : `${grouped(table.to[index])} ${how}`;
  return [hex(table.start[index]), bytesText(table.length[index]), what, grouped(table.from[index]), end];
}

/** A bar as a sentence. */
export function barSentence({ head, lives, staleSpans, gaps }: World, { kind, index }: Named): string {
  const { table } = lives;
  const span = kind === 'stale' ? staleSpans[index] : undefined;
  if (span !== undefined)
    return `A capability recorded ${hex(span.start)} while that was not there: events ${grouped(span.from)} to ${grouped(span.to)}.`;
  const gap = kind === 'gap' ? gaps[index] : undefined;
  if (gap !== undefined)
    return `${hex(gap.start)} is empty here: between the unmap that the migration put in (event ${grouped(gap.from)}) and the map behind it (event ${grouped(gap.to)}).`;
  const how = lives.how(index);
  const what = `${lives.text(table.access[index])} ${lives.text(table.what[index])}`.trim();
  const frame =
    head.system === 'sel4'
      ? `frame ${table.frame[index] < 0 ? 'of unknown address' : hex(table.frame[index])} through capability ${what}`
      : what;
  const end = how === 'alive' ? 'still there at the end' : `${how} by event ${grouped(table.to[index])}`;
  return `${hex(table.start[index])}, ${bytesText(table.length[index])}, ${frame}; mapped by event ${grouped(table.from[index])}, ${end}.`;
}
