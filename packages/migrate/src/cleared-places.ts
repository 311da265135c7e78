import type { EffectSink } from '@overmap/core';

/** The pages that an invocation clears, by table and index. */
export class ClearedPlaces implements EffectSink {
  readonly places: [table: number, index: number][] = [];

  entryWritten(
    _at: number,
    table: number,
    index: number,
    _oldLo: number,
    _oldHi: number,
    oldLink: number,
    _newLo: number,
    _newHi: number,
    newLink: number,
  ): void {
    if (oldLink < 0 && newLink === 0) this.places.push([table, index]);
  }

  tableCleared(): void {}
  walked(): void {}
  maintained(): void {}
}
