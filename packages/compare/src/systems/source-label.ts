import type { Recorder } from '../recorder.ts';
import { PAGE, type Source } from '../scenario.ts';

/**
 * What pages mapped from a source at an address show: `X+0`, `X+1`, …; new memory is kept an eye on.
 *
 * @param object - the object's own name, where the source names a copy of its handle
 */
export function sourceLabel(
  source: Source,
  start: number,
  recorder: Recorder,
  object: string = source.name,
): (address: number) => string {
  if (source.kind === 'object') return (address) => `${object}+${source.page + (address - start) / PAGE}`;
  return (address) => {
    const label = `${source.name}+${(address - start) / PAGE}`;
    recorder.keep(label);
    return label;
  };
}
