import type { Change } from './rewrite-tree.ts';
import type { RewriteKind } from './proposal.ts';

const INVOCATION = /^(seL4_\w*?Page)_(?:Map|Remap)$/;

/**
 * The rewrites as semantic patches for Coccinelle: one rule for each kind of rewrite and invocation that was rewritten,
 * for trees that are kept in that way. They say the pattern, and not what the analysis knows of this tree: what comes
 * out has to be looked at.
 *
 * @returns the text, and how many of the changes no semantic patch can say
 */
export function semanticPatches(changes: readonly Change[]): { readonly text: string; readonly left: number } {
  const rules = new Map<string, string>();
  let left = 0;
  for (const { rewrite, callee, rule } of changes) {
    const patch = patchOf(rewrite, callee, rule);
    if (patch === null) left++;
    else rules.set(patch.name, patch.text);
  }
  return { text: [...rules.values()].join('\n'), left };
}

function patchOf(
  rewrite: RewriteKind,
  callee: string,
  rule: string,
): { readonly name: string; readonly text: string } | null {
  if (rewrite === 'old-names') return renaming(callee);
  const page = INVOCATION.exec(callee)?.[1];
  if (page === undefined) return null;
  const body = BODIES[rewrite]?.(page);
  if (body === undefined) return null;
  const name = `${rewrite}_${page}`.replaceAll('-', '_');
  return { name, text: `// ${rule}: ${SAYS[rewrite]}\n@${name}@\n${body}` };
}

const SAYS: Readonly<Record<RewriteKind, string>> = {
  'unmap-before': 'unmap what is mapped there before another frame comes',
  'unmap-in-loop': 'unmap at the end of each round what it mapped',
  'check-result': 'look at the answer',
  'no-delete-first': 'DeleteFirst is an error',
  'only-failed-lookup': 'a table is missing only if the answer is FailedLookup',
  'undo-prefix': 'unmap the pages before the refused one',
  'remap-to-map': 'Remap is gone; Map wants the address',
  'old-names': 'names of before',
};

const BODIES: Readonly<Partial<Record<RewriteKind, (page: string) => string>>> = {
  'unmap-before': (page) => `expression first, second, vspace, vaddr, e1, e2;
expression r1, r2, a1, a2;
@@
  e1 = ${page}_Map(first, vspace, vaddr, r1, a1);
  ... when != ${page}_Unmap(first)
      when != vaddr = ...
+ ${page}_Unmap(first);
  e2 = ${page}_Map(second, vspace, vaddr, r2, a2);
`,
  'unmap-in-loop': (page) => `expression frames, vspace, rights, attr, e, n;
identifier i;
constant window;
@@
  for (...; i < n; ...) {
    ...
    e = ${page}_Map(frames[i], vspace, window, rights, attr);
    ... when != ${page}_Unmap(frames[i])
+   ${page}_Unmap(frames[i]);
  }
`,
  'check-result': (page) => `identifier f;
expression list args;
@@
  seL4_Error f(...) {
    <...
-   ${page}_Map(args);
+   seL4_Error error = ${page}_Map(args);
+   if (error != seL4_NoError) {
+     return error;
+   }
    ...>
  }
`,
  'no-delete-first': (page) => `expression e;
expression list args;
@@
  e = ${page}_Map(args);
  ... when != e = ...
(
- e != seL4_NoError && e != seL4_DeleteFirst
+ e != seL4_NoError
|
- e == seL4_NoError || e == seL4_DeleteFirst
+ e == seL4_NoError
)
`,
  'only-failed-lookup': (page) => `identifier e;
expression list args;
@@
  e = ${page}_Map(args);
  if (e) {
+   if (e != seL4_FailedLookup) {
+     return e;
+   }
    ...
  }
`,
  'undo-prefix': (page) => `expression frames, vspace, vaddr, rights, attr, n;
identifier e, i;
type T;
@@
  for (T i = 0; i < n; i++) {
    ...
    e = ${page}_Map(frames[i], vspace, vaddr, rights, attr);
    if (e) {
+     for (T j = 0; j < i; j++) {
+       ${page}_Unmap(frames[j]);
+     }
      ...
    }
    ...
  }
`,
  'remap-to-map': (page) => `expression frame, vspace, vaddr, e1, e2;
expression r1, r2, a1, a2;
@@
  e1 = ${page}_Map(frame, vspace, vaddr, r1, a1);
  ... when != vaddr = ...
  e2 =
- ${page}_Remap(frame, vspace, r2, a2)
+ ${page}_Map(frame, vspace, vaddr, r2, a2)
  ;
`,
};

function renaming(name: string): { readonly name: string; readonly text: string } | null {
  const to = name.startsWith('seL4_IA32_')
    ? name.replace('seL4_IA32_', 'seL4_X86_')
    : name === 'seL4_CapInitThreadPD'
      ? 'seL4_CapInitThreadVSpace'
      : null;
  if (to === null) return null;
  const rule = `old_name_${name}`;
  return { name: rule, text: `// OM108: ${SAYS['old-names']}\n@${rule}@\n@@\n- ${name}\n+ ${to}\n` };
}
