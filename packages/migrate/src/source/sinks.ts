import type { SinkKind } from './site.ts';

/** Where a callee finds something: an argument by position, what it is called on, or a place of its own. */
export type Role =
  | { readonly from: 'arg'; readonly index: number }
  | { readonly from: 'self' }
  /** Something that does not change from call to call: a constant, a global, a static. */
  | { readonly from: 'fixed'; readonly text: string }
  /** Something of its own: new at each call, or not known. */
  | { readonly from: 'own' };

/** A name whose calls map. */
export interface Sink {
  readonly name: string;
  readonly kind: SinkKind;
  readonly frame: Role | null;
  readonly vspace: Role | null;
  readonly vaddr: Role | null;
  /** How many arguments it takes; undefined = any. */
  readonly arity?: readonly [least: number, most: number];
  /** It is a method; calls without a receiver are something else. */
  readonly method?: boolean;
  /** It picks a free address, or checks that the place is free. */
  readonly fresh?: boolean;
  /** From this name down to the kernel's. */
  readonly chain: readonly string[];
  /** Its answer says how the map went. */
  readonly answers?: boolean;
  /** How its answer says that all went well; an error number by default. */
  readonly answer?: 'error' | 'success' | 'result';
  /** It unmaps what it has mapped before it returns. */
  readonly closes?: boolean;
  /** It may unmap what was there before it maps. */
  readonly clears?: boolean;
  /** The frame that it maps is a new one at each call. */
  readonly makes?: boolean;
  /** File in which it is defined; calls elsewhere reach it only within the same project. */
  readonly file?: string;
  readonly owner?: string | null;
  /** The type that it gives, as written. */
  readonly returns?: string;
  /** Of a rule of Rust's `macro_rules!`: what stands between its parameters. */
  readonly separators?: string;
  /** The function around the call gets it as this parameter. */
  readonly through?: number;
  /** It maps by a function that it gets as this argument. */
  readonly via?: number;
}

const arg = (index: number): Role => ({ from: 'arg', index });
const self: Role = { from: 'self' };
const own: Role = { from: 'own' };

/** `seL4_ARM_Page_Map`, `seL4_ARCH_Page_Map`, `seL4_Page_Map`, `sel4_x86_page_map`, `l4_…`. */
const PAGE_MAP = /^(?:_*)(?:se)?l4_(?:_*[a-z\d]+_+)?page_(map|remap)$/i;
const STRICT_MAP = /^(?:_*)(?:se)?l4_(?:_*[a-z\d]+_+)?page_map_?(io|ept)$/i;
const UNCHECKED = /^unchecked_page_map$/;
/** Old names of an invocation. */
export const OLD_NAME = /^seL4_IA32_/;

/** What a name of the kernel's interface, or of a binding of it, maps; null for any other. */
export function kernelSink(name: string): Sink | null {
  const page = PAGE_MAP.exec(name);
  const written = name.replace(/___(\w+?)___/g, '_##$1##_');
  if (page !== null) {
    const remap = page[1]?.toLowerCase() === 'remap';
    return {
      name,
      kind: remap ? 'remap' : 'page map',
      frame: arg(0),
      vspace: arg(1),
      vaddr: remap ? null : arg(2),
      chain: [written],
      answers: true,
    };
  }
  const strict = STRICT_MAP.exec(name);
  if (strict !== null) {
    const io = strict[1]?.toLowerCase() === 'io';
    return {
      name,
      kind: 'strict map',
      frame: arg(0),
      vspace: arg(1),
      vaddr: arg(io ? 3 : 2),
      chain: [written],
      answers: true,
    };
  }
  return null;
}

const method = (name: string, kind: SinkKind, least: number, most: number): Sink => ({
  name,
  kind,
  frame: self,
  vspace: arg(0),
  vaddr: arg(name.startsWith('io_') ? 2 : 1),
  arity: [least, most],
  method: true,
  chain: [name],
  answers: true,
  answer: 'result',
});

const library = (name: string, frame: Role, vspace: Role, vaddr: Role, more: Partial<Sink> = {}): Sink => ({
  name,
  kind: 'library',
  frame,
  vspace,
  vaddr,
  chain: [name],
  answers: true,
  ...more,
});

/** Methods of Rust's bindings, and functions of the vspace libraries, by name. */
const NAMED: ReadonlyMap<string, Sink> = new Map(
  [
    method('frame_map', 'page map', 3, 4),
    method('page_map', 'page map', 3, 5),
    method('ept_frame_map', 'strict map', 3, 4),
    method('io_frame_map', 'strict map', 3, 4),
    method('frame_remap', 'remap', 2, 3),
    library('sel4utils_map_page', arg(2), arg(1), arg(3)),
    library('sel4utils_map_page_leaky', arg(2), arg(1), arg(3)),
    library('sel4utils_map_ept_page', arg(2), arg(1), arg(3)),
    library('sel4utils_map_iospace_page', arg(2), arg(1), arg(3)),
    library('vspace_map_pages', arg(1), arg(0), own, { fresh: true, answer: 'success' }),
    library('vspace_map_pages_at_vaddr', arg(1), arg(0), arg(3)),
    library('vspace_deferred_rights_map_pages_at_vaddr', arg(1), arg(0), arg(3)),
    library('vspace_share_mem', arg(2), arg(1), own, { fresh: true, answer: 'success' }),
    library('vspace_share_mem_at_vaddr', arg(2), arg(1), arg(5)),
    library('vspace_new_pages', own, arg(0), own, { fresh: true, answer: 'success' }),
    library('vspace_new_pages_at_vaddr', own, arg(0), arg(1)),
    library('vspace_new_pages_with_config', own, arg(0), own, { fresh: true, answer: 'success' }),
    library('sel4utils_map_pages_at_vaddr', arg(1), arg(0), arg(3)),
    library('sel4utils_map_pages', arg(1), arg(0), own, { fresh: true, answer: 'success' }),
    library('sel4utils_dup_and_map', arg(2), arg(1), own, { fresh: true, answer: 'success' }),
  ].map((sink) => [sink.name, sink]),
);

/** The sink that a name is without any code of the tree; null = none. */
export function builtIn(name: string): Sink | null {
  const named = NAMED.get(name);
  if (named !== undefined) return named;
  // This one takes the address first.
  if (UNCHECKED.test(name)) return { ...method(name, 'page map', 2, 6), vaddr: arg(0), vspace: arg(1) };
  if (MORE_LIBRARY.test(name)) return library(name, own, arg(0), own, { fresh: true, answer: 'success' });
  return kernelSink(name);
}

/** Further functions of the libraries, which pick the frames, the address or both. */
const MORE_LIBRARY = /^(?:vspace_(?:new_pages|share_mem|map_pages)|sel4utils_(?:new_pages|share_mem))_\w+$/;

/** A text can hold a call of a built-in sink only if this matches. */
export const MENTIONS_SINK =
  /page_?(?:re)?map|frame_(?:re)?map|vspace_(?:deferred_rights_)?map_pages|vspace_(?:new_pages|share_mem)|sel4utils_(?:map_|dup_and_map|new_pages|share_mem)/i;

/** Maps of page tables, and functions that are named after them. */
const TABLE_MAP =
  /(?:page_?table|page_?dir(?:ectory)?|page_?upper|(?:^|_)(?:pt|pd|pud|pdpt|pgd|ptes?|tables?|levels?)(?:_|$)|pagetable|PDPT|paging|intermediate|translation_table|_create_object_at_level)/i;
/** Not `Get` without a border: it stands in `PageTable`. */
const NO_TABLE =
  /(?:^|_)(?:get|is|has|find|log|print)(?:_|$)|_Get[A-Z]|unmap|free|delete|dealloc|lookup|insert|print|debug/i;
/** Whether a call adds a page table. */
export const addsTable = (name: string): boolean => TABLE_MAP.test(name) && !NO_TABLE.test(name);

/** Types whose objects do something when they go, and not when they are made: `Unmapper`, `UnmapGuard`. */
const GUARD_TYPE = /^[A-Z]\w*[a-z](?:er|or|Guard|Scope)$/;
/** Whether a name is that of such a type: to call it makes an object. */
export const namesGuard = (name: string): boolean => GUARD_TYPE.test(name);
const CLEARS =
  /unmap|_delete(?:$|_)|^delete|revoke|destroy|tear_?down|(?:^|_)recycle|^drop$|(?<!get_|find_|alloc_|next_|first_|take_|new_|is_|num_)(?:free|release|remove|clear|reset|reclaim|evict)_?(?:frame|page|mapping|object|range|region|cap|vspace|process|window|temp)|vka_free|vka_cnode_delete|cspace_delete|unassign|_Unmap$|Unmap(?:Page|Range)?$/i;
/** Whether a call clears a mapping, by its name: unmap, delete, revoke, and what frees or destroys the frame or vspace. */
export const clearsByName = (name: string): boolean => CLEARS.test(name) && !namesGuard(name);
/** Whether it clears a place exactly: its arguments say which frame or address. */
export const unmapsByName = (name: string): boolean => /unmap/i.test(name) && !namesGuard(name);

/** What ends the run. */
export const FATAL =
  /^(?:abort|_?exit|panic|halt|die|fatal|unreachable|todo|unimplemented|__builtin_trap|__builtin_unreachable|seL4_DebugHalt|sel4cp_internal_crash|fail|ZF_LOGF|KERNEL_PANIC|NOT_REACHED|UNREACHABLE|_?sel4test_(?:failure|abort|fatal)|test_(?:fail|abort))$|panic$|^kpanic|_halt$|_abort$|^halt_|^bug$|^debugger_halt/i;
/** What ends the run (or the test) unless its argument says that all is well. */
export const ASSERTS =
  /^(?:.*_)?(?:assert|panic_if|panic|conditional_panic|always_assert|verify|expect|require|test_check|test_(?:assert|check|eq|neq|geq|leq|gt|lt|error_eq)|ZF_LOGF_IF(?:ERR)?|ZF_LOGF_IFERR|BUG_ON|CHECK|ASSERT\w*|die_?if|abort_?if|fatal_?if|seL4_AssertSuccess|halt_if|crash_if|ERR_?IF|GOTO_ON\w*|RET(?:URN)?_\w+|TRY\w*|ensure|ENSURE|bail_?if|sel4utils_check)(?:_\w+)?$|^assert\w*$|^debug_assert\w*$|^(?:.*_)?assert(?:_\w+)?$|fatal|(?:^|_)die$/i;
/** What prints, counts, or logs, and goes on. */
export const PRINTS =
  /print|puts?(?:$|_|har|hex)|putc|log|trace|debug|dbg|warn|^err(?:or)?$|^(?:LOG|ZF_LOG[A-EG-Z])|PERR|PWRN|PDBG|PINF|^error!?$|^info|^perror|^ERRX?_|sel4_strerror|strerror|^print_error|^raw|write_?str|^display|message|report|KeDbg|DebugPut|emit|puthex|cout|cerr/i;

/** What gives an address that nothing else has. */
export const FRESH_ADDRESS =
  /reserve(?!d)|(?<!de|get_|find_|lookup_|is_)alloc(?!ated|ation)|vspace_new|new_?(?:vaddr|region|range|pages)|(?:find|get|next|take|pick|claim)_?\w*(?:free|unused|hole|avail)|(?:get_)?next_?\w*(?:vaddr|vregion|region|virt)|(?:take|pick|claim)_?\w*(?:vaddr|vregion|range|region|window_slot|virt)|bump|morecore|sbrk/i;
/** What gives a new frame; a new slot is none. */
export const makesFrame = (name: string): boolean =>
  /alloc|retype|create|new|leaky/i.test(name) && !/slot|path|cspace/i.test(name);
/** What makes a new vspace. */
export const FRESH_VSPACE =
  /alloc\w*(?:vspace|vroot|page_?(?:global_)?dir|pd\b|pgd|root)|(?:new|create|make|init(?!_?thread)|setup)_?\w*(?:vspace|vroot|addrspace|address_space|page_?dir|pd$|pgd)|ASIDPool_Assign|asid_?pool_?assign|assign_asid|assign_vspace|(?:vspace|addrspace|as)_(?:create|new)/i;
