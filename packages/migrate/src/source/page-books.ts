import type { FuncModel } from './func-model.ts';
import type { MapCall } from './map-calls.ts';
import type { Call, Expr } from './tree.ts';

/** What enters a page in books. */
const ENTERS = /insert|register|(?:^|_)(?:record|remember|track|note)(?:_|$)|(?:^|_)add_(?:page|frame|mapping|entry)/i;
/** What is no book of pages. */
const OTHER = /unregister|registers?$|regs?$|WriteRegisters|ReadRegisters|print|log|irq|device/i;
/** What takes an entry out again. */
const TAKES_OUT = /remove|erase|delete|forget|unregister|clear|rollback|undo|evict|drop|unmap|revoke|invalidate|free/i;
/** Uses of an answer that go on without an end of the run. */
const GOES_ON: ReadonlySet<string> = new Set(['checked', 'returned', 'failed lookup retried']);

/**
 * The call that has entered the page of a map in books before the map, where no error takes it out again.
 *
 * @returns null where there is none
 */
export function bookedBefore(map: MapCall, model: FuncModel): Call | null {
  const { use, vaddr } = map;
  if (vaddr === null || !GOES_ON.has(use.use) || model.func.outside) return null;
  const place = model.norm(vaddr);
  const speaksOf = (e: Expr): boolean => model.norm(e) === place;
  if (/^\d|^0x/i.test(place)) return null;
  for (const { step, call } of model.calls) {
    if (step.id >= map.step.id || step.kind !== 'do') continue;
    if (!ENTERS.test(call.name) || OTHER.test(call.name) || !call.args.some(speaksOf)) continue;
    const undone = model.calls.some(
      (other) => TAKES_OUT.test(other.call.name) && use.onError.has(other.step.id) && other.call.args.some(speaksOf),
    );
    if (!undone) return call;
  }
  return null;
}
