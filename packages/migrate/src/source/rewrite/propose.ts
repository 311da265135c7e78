import { checkResult } from './check-result.ts';
import { noDeleteFirst } from './no-delete-first.ts';
import { onlyFailedLookup } from './only-failed-lookup.ts';
import { explanation, type Proposal, type SiteContext } from './proposal.ts';
import { remapToMap } from './remap-to-map.ts';
import { undoPrefix } from './undo-prefix.ts';
import { unmapBefore } from './unmap-before.ts';

/** What can be done about a site; null where there is nothing to do: what is safe is never changed. */
export function propose(context: SiteContext): Proposal | null {
  const { site } = context;
  // Whatever else is wrong with it: the invocation is gone.
  if (site.kind === 'remap' && site.verdict !== 'safe' && site.verdict !== 'remap') return remapToMap(context);
  if (site.guarded === true && UNMAPPED.has(site.verdict))
    return explanation(
      'An object unmaps here when it goes out of scope; a second unmap could take away what somebody else maps there since. See that the object has gone before the place is mapped again.',
    );
  switch (site.verdict) {
    case 'relies':
      return unmapBefore(context);
    case 'swallows the error':
      return checkResult(context);
    case 'DeleteFirst taken for success':
      return noDeleteFirst(context);
    case 'any error taken for a missing table':
      return onlyFailedLookup(context);
    case 'prefix left':
      return undoPrefix(context);
    case 'old API':
      return null;
    case 'changes behaviour':
      return explanation(
        "A branch that no permissive kernel takes comes alive, and what it does has never been tried: decide by the client's own books what is mapped, and not by the error.",
      );
    case 'dead unmap':
      return explanation(
        'It clears nothing once another frame stands there. Unmap the capability before its place is taken; this line can go then.',
      );
    case 'latent':
      return (
        undone(context) ??
        explanation(
          'It works as long as nothing is mapped there. Unmap what the place held before, or refuse a second map by the books.',
        )
      );
    case 'cannot tell':
      return explanation(
        'What is mapped there before depends on values that only a run knows: record one, and hand its audit in with --evidence.',
      );
    case 'safe':
    case 'remap':
    case 'already strict':
      return null;
  }
}

/** Verdicts that are repaired by an unmap. */
const UNMAPPED: ReadonlySet<string> = new Set(['relies', 'prefix left', 'latent']);

/** A range of which a part can stay mapped is undone, also where nothing is known to go wrong with it yet. */
function undone(context: SiteContext): Proposal | null {
  if (context.site.loop === null) return null;
  const proposal = undoPrefix(context);
  return proposal.kind === 'edit' ? proposal : null;
}
