import { above, type Node, rangeOf, walk } from './syntax.ts';
import type { TreeFacts } from './proposal.ts';
import type { TextEdit } from './text-edit.ts';

/** A name that seL4 had once, in a text. */
export interface OldName {
  /** Offset in the parsed text. */
  readonly at: number;
  readonly name: string;
  readonly change: { readonly to: string } | { readonly why: string };
}

/** A text holds an old name only if this matches. */
export const MENTIONS_OLD_NAME =
  /\bseL4_(?:IA32_|CapInitThreadPD\b|CapRights\b|UserTop\b|ARM_Page(?:Upper|Global)?Directory)/;

/**
 * Old names in code, with what they are called now where that is certain. Strings and comments are no code.
 *
 * Source: the API history of seL4: IA32 → X86 before 4.0, PageGlobalDirectory → VSpace in 11.0.0, AArch64's directories
 * → PageTable in 13.0.0, UserTop → UserVSpaceTop in 16.0.0.
 *
 * @param path - of the file: a folder can say the architecture
 */
export function oldNames(root: Node, path: string, tree: TreeFacts): OldName[] {
  const found: OldName[] = [];
  walk(root, (node) => {
    const kind = String(node.kind());
    if (/comment|string|char_literal|system_lib/.test(kind)) return false;
    // A definition's text is one token; its name and parameters are not renamed either.
    if (/^preproc_(?:def|function_def|include|call)$/.test(kind)) return false;
    if (!/^(?:identifier|type_identifier|field_identifier)$/.test(kind)) return undefined;
    const name = node.text();
    if (!MENTIONS_OLD_NAME.test(name)) return undefined;
    const change = renamed(node, name, path, tree);
    if (change !== null) found.push({ at: rangeOf(node).start, name, change });
    return undefined;
  });
  return found;
}

/** The edits of the names that are certain. */
export const renames = (names: readonly OldName[], base: number): TextEdit[] =>
  names.flatMap(({ at, name, change }) =>
    'to' in change ? [{ start: at + base, end: at + base + name.length, text: change.to }] : [],
  );

function renamed(node: Node, name: string, path: string, tree: TreeFacts): OldName['change'] | null {
  if (tree.defines(name)) return { why: 'the tree defines it itself' };
  if (name.startsWith('seL4_IA32_')) {
    // Remap has another shape now, and is left to those who know the address.
    if (name.endsWith('_Page_Remap')) return null;
    return { to: name.replace('seL4_IA32_', 'seL4_X86_') };
  }
  if (name === 'seL4_CapInitThreadPD') return { to: 'seL4_CapInitThreadVSpace' };
  if (name === 'seL4_CapRights') return rights(node);
  if (name === 'seL4_UserTop')
    return {
      why: 'seL4_UserVSpaceTop, which took its place in 16.0.0, is the last address, and this was in part the first one behind: look at each comparison',
    };
  const directory = /^seL4_ARM_Page(Upper|Global)?Directory/.exec(name);
  if (directory === null) return null;
  // An AArch32 page directory is one still.
  if (!onAarch64(node, path))
    return directory[1] === undefined ? null : { why: 'nothing around it says that this is AArch64 only' };
  if (directory[1] === 'Global') return { to: name.replace('PageGlobalDirectory', 'VSpace') };
  return { to: name.replace(/Page(?:Upper)?Directory/, 'PageTable') };
}

/** The type of rights was a number once; where it is made of flags, its new form has to be built by a function. */
function rights(node: Node): OldName['change'] | null {
  if (String(node.kind()) !== 'type_identifier') return null;
  const declaration = above(
    node,
    (at) => /declaration$|^function_definition$/.test(String(at.kind())),
    () => false,
  );
  const text = declaration === null ? '' : declaration.text();
  if (declaration !== null && String(declaration.kind()) !== 'function_definition' && /=\s*[^;]*(?:\||\b\d)/.test(text))
    return { why: 'rights made of flags have to be built by seL4_CapRights_new(grantReply, grant, read, write) now' };
  return { to: 'seL4_CapRights_t' };
}

/** Whether code is compiled for AArch64 only: by the nearest #if around it, or by a folder's name. */
function onAarch64(node: Node, path: string): boolean {
  if (/(?:^|[/_.-])(?:aarch64|arm64|arm\/64)(?:[/_.-]|$)/i.test(path)) return true;
  let from = node;
  for (let at = node.parent(); at !== null; from = at, at = at.parent()) {
    const kind = String(at.kind());
    if (kind === 'preproc_else') {
      // The branches before it are above it in the tree, and are not its own.
      at = at.parent() ?? at;
      while (String(at.kind()).startsWith('preproc_elif') && at.parent() !== null) at = at.parent() as Node;
      continue;
    }
    if (!/^preproc_(?:if|ifdef|elif)$/.test(kind)) continue;
    const condition = at.field('condition') ?? at.field('name');
    if (condition !== null && rangeOf(condition).start === rangeOf(from).start) continue;
    const text = condition?.text() ?? '';
    const negated = /^\s*#\s*ifndef/.test(at.text());
    if (!negated && /AARCH64|ARM64/i.test(text) && !/\|\||!/.test(text)) return true;
    if (kind === 'preproc_elif') {
      while (String(at.kind()).startsWith('preproc_elif') && at.parent() !== null) at = at.parent() as Node;
    }
  }
  return false;
}
