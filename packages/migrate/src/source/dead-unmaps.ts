import type { FuncModel } from './func-model.ts';
import type { Judgement } from './judgement.ts';
import type { MapPair } from './mapping-paths.ts';
import type { Call } from './tree.ts';

/** An unmap that clears nothing. */
export interface DeadUnmap {
  readonly call: Call;
  readonly judgement: Judgement;
}

/** Unmaps of a frame whose page another map of its function has taken. */
export function deadUnmaps(pairs: readonly MapPair[], model: FuncModel): DeadUnmap[] {
  const found: DeadUnmap[] = [];
  for (const { first, second, differs, loops } of pairs) {
    if (!differs || loops || first.frame === null || second.frame === null) continue;
    const lost = model.norm(first.frame);
    const { start, end } = first.frame;
    if (lost === model.norm(second.frame)) continue;
    for (const { step, call } of model.calls) {
      if (!/page_?unmap$|frame_unmap$/i.test(call.name) || step.id <= second.step.id || second.use.onError.has(step.id))
        continue;
      const given = call.on ?? call.args[0];
      if (given === undefined || model.norm(given) !== lost || found.some((one) => one.call === call)) continue;
      const path = [
        { at: first.call.start, what: 'the frame is mapped' },
        { at: second.call.start, what: 'another frame takes its page' },
        { at: call.start, what: 'the unmap that clears nothing' },
      ];
      const why = `The page of ${model.text.slice(start, end)} has been taken by another frame, so this unmap clears nothing.`;
      found.push({ call, judgement: { verdict: 'dead unmap', why, path, confidence: 'medium', earlier: null } });
    }
  }
  return found;
}
