// Single constants, since the build makes literals of those and not of an object's properties.
export const STRICT = 1;
export const PERMISSIVE_AWARE = 4;

/**
 * Policies: what a Page_Map does with a place that is occupied, or that its capability remembers.
 *
 * Everything else that the kernel does is the same under each of them.
 */
export const Policy = {
  /** The kernel as shipped, each architecture as it is. */
  legacy: 0,
  /** Pull request 1526, bug for bug. It touches no RISC-V file: there it is `legacy`. */
  strict: STRICT,
  /**
   * `strict`, but a capability that records this ASID and address counts as a remap only if the entry (all 16 of a
   * large page) is a page of exactly this size that holds this frame. Otherwise an empty entry takes a fresh map and
   * a valid one answers DeleteFirst, where that architecture's strict test stands.
   */
  exact: 2,
  /** Over-mapping allowed everywhere, RISC-V too. */
  permissive: 3,
  /** `permissive`, and a stale capability maps afresh, anywhere, without an unmap. */
  permissiveAware: PERMISSIVE_AWARE,
  /** A user's own rule, see {@link SlotRule}. */
  custom: 5,
} as const;

/** Policy names, as traces and the command line write them. */
export type PolicyName = 'legacy' | 'strict' | 'exact' | 'permissive' | 'permissive-aware';

/** The built-in policies by name. */
export const POLICIES: Readonly<Record<PolicyName, number>> = {
  legacy: Policy.legacy,
  strict: Policy.strict,
  exact: Policy.exact,
  permissive: Policy.permissive,
  'permissive-aware': Policy.permissiveAware,
};

/**
 * The slot that a Page_Map has resolved, as a user's rule sees it. It is asked where the architecture's strict test
 * stands: after every other check on x86, aarch32 and RISC-V, before the level test on aarch64. A mapped capability has
 * been found to name this very place by then, so `records` being there says that the map would be a remap.
 *
 * `legacy`, `strict`, `exact` and `permissive` can be written as rules; `permissive-aware`, which forgives what is
 * refused before, cannot.
 */
export interface ResolvedSlot {
  /** Architecture name, as in traces. */
  readonly arch: string;
  /** log2 of the invoked frame's size in bytes. */
  readonly frameBits: number;
  /** Physical address of the invoked frame. */
  readonly frame: bigint;
  /** The address that is to be mapped. */
  readonly vaddr: bigint;
  /** What the capability records: its mapping's ASID and address, or null when it is not mapped. */
  readonly records: { readonly asid: number; readonly vaddr: bigint } | null;
  /**
   * What the entry holds: null when it is empty, or invalid (RISC-V without rights); otherwise the page's size, the physical address in it, and whether
   * it is a page of exactly this size that holds this frame (all entries of a large page). Of another size it can be
   * on aarch64 only.
   */
  readonly entry: { readonly bits: number; readonly frame: bigint; readonly holdsThisFrame: boolean } | null;
}

/**
 * A user's rule: a pure predicate over the resolved slot.
 *
 * @returns 'ok', or the error that the map answers
 */
export type SlotRule = (
  slot: ResolvedSlot,
) => 'ok' | 'DeleteFirst' | 'InvalidArgument' | 'InvalidCapability' | 'IllegalOperation';
