import type { SiteContext } from './proposal.ts';
import { plain } from './syntax.ts';

const INVOCATION = /^(seL4_(?:\w+?_)?Page)_(?:Map|Remap)$/;
/** Types of which a value can be invoked. */
const CAPABILITY = /\bseL4_(?:CPtr|Word|(?:X86|ARM|RISCV|IA32|ARCH)_Page)\b/;

/** How to unmap a frame where a call maps one: a call without semicolon; or why that is not known. */
export type Unmap = { readonly call: string } | { readonly why: string };

/**
 * The unmap that belongs to the map of a site, for another frame.
 *
 * @param frame - the frame's expression, as the map call writes it
 */
export function unmapOf(context: SiteContext, frame: string): Unmap {
  const { site } = context;
  if (site.language === 'rust') return rustUnmap(context, frame);
  switch (site.kind) {
    case 'page map':
    case 'remap':
      return invocation(context, site.callee, frame);
    case 'wrapper':
      return throughWrapper(context, frame);
    case 'library':
      return throughLibrary(context);
    case 'macro':
      return throughWrapper(context, frame);
    case 'strict map':
    case 'unmap':
    case 'function pointer':
      return { why: `which invocation ${site.callee} is, and so which unmap belongs to it, is not known here` };
  }
}

function invocation(context: SiteContext, callee: string, frame: string): Unmap {
  const name = INVOCATION.exec(callee)?.[1];
  if (name === undefined) return { why: `${callee} has a spelling whose unmap is not known` };
  // The invocations of the kernel come with their unmap; an alias only where somebody defined that, too.
  const kernels = /^seL4_(?:X86|ARM|RISCV|IA32|ARCH)_/.test(name);
  if (!kernels && !context.tree.mentions(`${name}_Unmap`))
    return { why: `${callee} is an alias, and the tree has no ${name}_Unmap beside it` };
  return { call: `${name}_Unmap(${frame.trim().replace(/\s+/g, ' ')})` };
}

/** A wrapper that hands a capability on: the kernel's own unmap takes it. */
function throughWrapper(context: SiteContext, frame: string): Unmap {
  const { site, tree } = context;
  const last = site.chain.at(-1);
  const direct = site.chain.at(-2) ?? site.callee;
  if (last === undefined || INVOCATION.exec(last) === null)
    return { why: `the invocation behind ${site.callee} is not known` };
  const all = tree.mapsWithin(direct);
  if ([...all].some((callee) => callee !== last))
    return { why: `${direct} maps by ${[...all].toSorted().join(' or ')}, depending on how it is built` };
  const type = declaredType(context, frame);
  if (type === null || !CAPABILITY.test(type))
    return { why: `${plain(frame)} is not plainly a capability, so how ${site.callee} is undone is not known` };
  return invocation(context, last, frame);
}

function throughLibrary({ site, tree }: SiteContext): Unmap {
  const [vspace, , , vaddr, pages, bits] = site.args;
  if (site.callee !== 'vspace_map_pages_at_vaddr' || !vspace || !vaddr || !pages || !bits)
    return { why: `what undoes ${site.callee} is not known` };
  if (!tree.mentions('VSPACE_PRESERVE') && !tree.mentions('vspace_unmap_pages'))
    return { why: 'the tree never unmaps by vspace_unmap_pages, so whether it has it is not known' };
  return { call: `vspace_unmap_pages(${[vspace, vaddr, pages, bits].map((a) => a.text).join(', ')}, VSPACE_PRESERVE)` };
}

function rustUnmap(context: SiteContext, frame: string): Unmap {
  const { site, text } = context;
  const direct = site.kind === 'page map';
  const method = /(?:^|[.:])((?:frame|page)_map)$/.exec(direct ? site.callee : (site.chain.at(-1) ?? ''))?.[1];
  const receiver = frame.trim().replace(/^[*&]+/, '');
  if (method === undefined || (!direct && !isRustCapability(context, receiver)))
    return { why: `what undoes ${site.callee} is not known` };
  const rest = text.slice(site.end).replace(/^\s*/, '');
  const unmap = `${receiver}.${method.replace('_map', '_unmap')}()`;
  if (rest.startsWith('?')) return { call: `${unmap}?` };
  const fatal = /^\.(?:unwrap\(\)|expect\("[^"\n]*"\))/.exec(rest)?.[0];
  if (fatal !== undefined) return { call: unmap + fatal };
  if (site.result === 'returned' && rest.startsWith('}')) return { call: `${unmap}?` };
  return {
    why: 'the answer of the map is not simply passed on, so what is to become of that of an unmap is not clear',
  };
}

/** Whether a name is a capability, or an element of a list of them, by the type of a parameter. */
function isRustCapability({ scope }: SiteContext, name: string): boolean {
  if (!/^\w+$/.test(name)) return false;
  const text = scope.text();
  const list = new RegExp(`\\bfor\\s+&?${name}\\s+in\\s+&?(\\w+)(?:\\.iter\\(\\))?\\s*\\{`).exec(text)?.[1];
  return new RegExp(`\\b${list ?? name}\\s*:\\s*&?\\[?(?:sel4::)?cap::\\w+`).test(text);
}

/** The type of a variable, as far as a declaration in the function or the file says it; null = none does. */
function declaredType({ scope, text }: SiteContext, expression: string): string | null {
  const name = /^&?([A-Za-z_]\w*)(?:\[[^\]]*\])?$/.exec(plain(expression))?.[1];
  if (name === undefined) return null;
  const declaration = new RegExp(
    `\\b((?:const\\s+)?(?:struct\\s+)?[A-Za-z_]\\w*)\\s+\\**\\s*${name}\\s*(?:[;,)=]|\\[)`,
  );
  for (const where of [scope.text(), text]) {
    const type = declaration.exec(where)?.[1];
    if (type !== undefined && type !== 'return') return type;
  }
  return null;
}
