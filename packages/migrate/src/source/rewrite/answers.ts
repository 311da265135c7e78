import type { SiteContext } from './proposal.ts';

/** How the answer of a call says that a map failed. */
export type Answer =
  /** The kernel's error itself; 0 = it worked. */
  | 'kernel error'
  /** Not 0 = it failed. */
  | 'error'
  /** Null or false = it failed. */
  | 'truth'
  | 'unknown';

/** Functions of the vspace libraries that answer with an address. */
const POINTERS = /^(?:vspace_(?:map_pages|new_pages\w*|share_mem)|sel4utils_(?:map_pages|dup_and_map))$/;

/** What kind of answer the call of a site gives, by its name and by what the tree says of it. */
export function answerOf({ site, tree }: SiteContext): Answer {
  switch (site.kind) {
    case 'page map':
    case 'remap':
    case 'strict map':
    case 'function pointer':
      return 'kernel error';
    case 'library':
      return POINTERS.test(site.callee) && !site.callee.endsWith('_at_vaddr') ? 'truth' : 'error';
    case 'wrapper': {
      const name = /(\w+)$/.exec(site.callee)?.[1];
      const type = name === undefined ? null : tree.returns(name);
      if (type === null) return 'unknown';
      if (type.endsWith('*') || /^(?:bool|_Bool|BOOL)$/.test(type)) return 'truth';
      return /^(?:int|long|seL4_Error|int32_t|seL4_Word|ssize_t)$/.test(type) ? 'error' : 'unknown';
    }
    case 'macro':
    case 'unmap':
      return 'unknown';
  }
}
