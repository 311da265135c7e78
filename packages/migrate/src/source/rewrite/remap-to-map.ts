import type { SourceSite } from '../site.ts';
import { explanation, type Proposal, type SiteContext } from './proposal.ts';
import { above, isBlock, isFunction, isLoop, namesIn, nodeAt, plain, rangeOf, same, writtenNames } from './syntax.ts';
import { root } from './unmap-before.ts';

const ADVICE =
  'Hand the address of the page in as a parameter, or keep it beside the capability, and call Page_Map with it.';

/**
 * `Page_Remap(frame, vspace, rights, attr)` → `Page_Map(frame, vspace, vaddr, rights, attr)`, where the same function
 * maps the same capability before, at an address that still has its name.
 *
 * Source: seL4 11.0.0 removed Remap; Map of a mapped capability at its own address does the same.
 */
export function remapToMap(context: SiteContext): Proposal {
  const { site, scope, base, neighbours } = context;
  const { frame, vspace } = site;
  const name = /^(seL4_\w+?_Page)_Remap$/.exec(site.callee)?.[1];
  if (name === undefined || frame === null || site.args.length !== 4)
    return explanation(
      `${site.callee} is gone since seL4 11.0.0; Page_Map takes its place, with the address. ${ADVICE}`,
    );
  const before = neighbours
    .filter(
      (other) =>
        other.kind !== 'remap' &&
        other.start < site.start &&
        other.frame !== null &&
        plain(other.frame.text) === plain(frame.text),
    )
    .at(-1);
  if (before === undefined || before.vaddr === null || !dominates(context, before))
    return explanation(
      `${site.callee} is gone since seL4 11.0.0, and at which address ${plain(frame.text)} is mapped is not known here. ${ADVICE}`,
    );
  if (before.vspace !== null && vspace !== null && plain(before.vspace.text) !== plain(vspace.text))
    return explanation(`Line ${before.line} maps ${plain(frame.text)} in another vspace. ${ADVICE}`);
  const vaddr = nodeAt(root(scope), { start: before.vaddr.start - base, end: before.vaddr.end - base });
  const written = writtenNames(scope, { start: before.start - base, end: site.start - base });
  const frameNode = nodeAt(root(scope), { start: frame.start - base, end: frame.end - base });
  if (
    [...namesIn(vaddr), ...namesIn(frameNode)].some((each) => written.has(each)) ||
    /\(/.test(plain(before.vaddr.text).replace(/^\(\w+\)/, ''))
  )
    return explanation(
      `The address at which line ${before.line} mapped ${plain(frame.text)} has no name here any more. ${ADVICE}`,
    );
  const callee = { start: site.start, end: site.start + site.callee.length };
  const second = site.args[1];
  if (context.text.slice(callee.start, callee.end) !== site.callee || second === undefined) return explanation(ADVICE);
  return {
    kind: 'edit',
    rewrite: 'remap-to-map',
    edits: [
      { ...callee, text: `${name}_Map` },
      { start: second.end, end: second.end, text: `, ${before.vaddr.text.replace(/\s+/g, ' ')}` },
    ],
    says: `Maps ${plain(frame.text)} again where line ${before.line} mapped it, at ${plain(before.vaddr.text)}, which changes its rights.`,
  };
}

/** Whether a call runs before the site on every way: its block holds the site, and no loop or function lies between. */
function dominates({ scope, base, call }: SiteContext, before: SourceSite): boolean {
  const earlier = nodeAt(root(scope), { start: before.start - base, end: before.end - base });
  const limit = (node: Parameters<typeof isFunction>[0]): boolean => isFunction(node) || same(node, scope);
  const block = above(earlier, isBlock, limit);
  if (block === null) return false;
  const { start, end } = rangeOf(block);
  const site = rangeOf(call);
  if (!(start <= site.start && site.end <= end)) return false;
  const loop = above(earlier, isLoop, limit);
  return loop === null || (rangeOf(loop).start <= site.start && site.end <= rangeOf(loop).end);
}
