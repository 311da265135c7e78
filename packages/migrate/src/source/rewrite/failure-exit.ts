import type { SiteContext } from './proposal.ts';
import { below, isFunction, type Node, same } from './syntax.ts';

/** How a function of C or C++ tells its caller that it failed. */
export type FailureExit =
  /** It returns the error itself. */
  | { readonly kind: 'error' }
  /** It returns always the same: `-1`, `false`, `NULL`. */
  | { readonly kind: 'value'; readonly text: string };

const ERRORS = /^(?:e|err|error|ret|rc|rv|result|res|status)$/;
const SUCCESS = /^(?:0|seL4_NoError|EXIT_SUCCESS|true|TRUE)$/;
const FAILURE = /^(?:-\s*\w+|NULL|nullptr|false|FALSE|EXIT_FAILURE)$/;
/** What may mean anything: a count, a clamp, success in a function of which 0 means failure. */
const UNCLEAR = /^(?:[1-9]\d*|[a-z_]\w*)$/;

/**
 * How the function around a call says that it failed, by its type and its other returns; null where it cannot, or where
 * that is not clear.
 *
 * @param within - a part of the function whose returns count first
 */
export function failureExit({ scope, site }: SiteContext, within: Node | null = null): FailureExit | null {
  if (String(scope.kind()) !== 'function_definition') return null;
  const type = scope.field('type')?.text() ?? '';
  const pointer = String(scope.field('declarator')?.kind()) === 'pointer_declarator';
  const near = within === null ? [] : returnsOf(within).filter((text) => FAILURE.test(text) || ERRORS.test(text));
  const all = returnsOf(scope);
  const known = [...near, ...all.filter((text) => FAILURE.test(text) || ERRORS.test(text))];
  if (pointer) return value(known.find((text) => /^(?:NULL|nullptr)$/.test(text)));
  if (type === 'void' || type === '') return null;
  if (/\bbool\b|^_Bool$/.test(type)) {
    // Where the function ends with `false`, that is no failure.
    return /^(?:false|FALSE|0)$/.test(all.at(-1) ?? '') ? null : { kind: 'value', text: 'false' };
  }
  if (/^seL4_Error$/.test(type)) return { kind: 'error' };
  if (!/^(?:(?:static|inline)\s+)*(?:int|long|seL4_Error|int32_t|ssize_t)$/.test(type)) return null;
  const { resultName } = site;
  const isKnown = (text: string): boolean =>
    SUCCESS.test(text) || FAILURE.test(text) || ERRORS.test(text) || text === resultName;
  if (near.length === 0 && all.some((text) => UNCLEAR.test(text) && !isKnown(text))) return null;
  const usual = known[0];
  if (usual !== undefined) {
    if (ERRORS.test(usual) && !all.some((text) => text.startsWith('-'))) return { kind: 'error' };
    const constant = known.find((text) => FAILURE.test(text));
    if (constant !== undefined) return { kind: 'value', text: constant };
    return { kind: 'error' };
  }
  // Nothing but success is ever told: by the language's custom anything else is a failure.
  if (all.length > 0 && all.every((text) => SUCCESS.test(text))) return { kind: 'value', text: '-1' };
  // It returns what the map answers.
  return site.resultName !== null && all.includes(site.resultName) ? { kind: 'error' } : null;
}

const value = (text: string | undefined): FailureExit | null => (text === undefined ? null : { kind: 'value', text });

/** What a function returns, as written; without its closures. */
function returnsOf(scope: Node): string[] {
  return below(scope, (node) => String(node.kind()) === 'return_statement')
    .filter((node) => {
      for (let at = node.parent(); at !== null && !same(at, scope); at = at.parent()) if (isFunction(at)) return false;
      return true;
    })
    .map((node) =>
      node
        .text()
        .replace(/^return\b\s*/, '')
        .replace(/;$/, '')
        .trim(),
    );
}
