/**
 * What invocations do, as far as it can be priced: the parameters of a price table. Each count of these comes from the
 * model's outcomes and effects, none from the price.
 */
export const WORK = [
  // Every invocation.
  /** Entry into the kernel and exit, with a schedule. */
  'entry',
  /** The invoked capability looked up, the invocation dispatched, and the reply. */
  'call',

  // A single invocation, besides `entry` and `call`.
  /** Page_Map: the vspace looked up, the checks, the entry built and written; or the error, if the walk comes before it. */
  'map',
  /** A Page_Map refused before its walk, instead of `map`: decoded as far as the error, and the error's reply. */
  'earlyRefusal',
  /** Strict's question whether the place is free. */
  'occupied',
  /** FailedLookup, said with its details. */
  'lookupFault',
  /** Page_Unmap or a frame's deletion, of a capability that records a mapping. */
  'unmap',
  'tableMap',
  /** PageTable_Unmap without the zeroing. */
  'tableUnmap',
  'copy',
  'move',
  'delete',

  // A batch, besides `entry` and `call`.
  /** The batched invocation decoded, apart from its elements. */
  'batch',
  /** One element: its operands read, its checks made. */
  'element',
  /** An element's capability looked up. */
  'elementLookup',
  /** An element's entry built and written, or cleared. */
  'elementWrite',

  // Wherever it happens.
  /** One level of page table read in a walk. */
  'walkLevel',
  /** A byte of a table zeroed and cleaned from the cache. */
  'zeroedByte',

  // Maintenance, by the names of the engine's kinds.
  'sfence',
  'remoteFence',
  'cleanEntry',
  'tlbiPage',
  'tlbiAsid',
  'vspaceSwitch',
  'invlpg',
  'structureCacheFlush',
  'cr3Write',
  'flushAsid',
  'shootdown',
] as const;
/** A parameter of a price table. */
export type Work = (typeof WORK)[number];

/** How much of what was done. Whole numbers; what is missing was not done. */
export type WorkCounts = Partial<Readonly<Record<Work, number>>>;
