/** What makes the kernel call the pmap to take page-table entries away. */
export type RemovalReason =
  /** `vm_map_delete`: munmap, a fixed mapping over another one. */
  | 'delete'
  /** `vm_map_sync` with MS_INVALIDATE. */
  | 'invalidate'
  /** `pmap_protect` to no access. */
  | 'protect-none'
  /** `vm_swapout_map_deactivate_pages`: the whole map of a process that is swapped out. */
  | 'swapout';

/** When the keys of address ranges go besides by set, clear, exec and exit. Persistent keys never do. */
export interface KeyPolicy {
  readonly name: KeyPolicyName;
  /** Removals of page-table entries that take the range's keys along. */
  readonly droppedBy: readonly RemovalReason[];
  /** Keys go with the map entry over them, whether or not it has an object or anything is resident. */
  readonly ownedByEntries: boolean;
}

export type KeyPolicyName =
  | 'every_pmap_remove'
  | 'pmap_remove_swapout'
  | 'pmap_map_delete'
  | 'entry_owned'
  | 'explicit_only';

/** The five policies of review D39556 (docs/freebsd/model.md); `pmap_map_delete` is what was adopted. */
export const KEY_POLICIES: Readonly<Record<KeyPolicyName, KeyPolicy>> = {
  every_pmap_remove: {
    name: 'every_pmap_remove',
    droppedBy: ['delete', 'invalidate', 'protect-none', 'swapout'],
    ownedByEntries: false,
  },
  pmap_remove_swapout: {
    name: 'pmap_remove_swapout',
    droppedBy: ['delete', 'invalidate', 'protect-none'],
    ownedByEntries: false,
  },
  pmap_map_delete: { name: 'pmap_map_delete', droppedBy: ['delete'], ownedByEntries: false },
  entry_owned: { name: 'entry_owned', droppedBy: [], ownedByEntries: true },
  explicit_only: { name: 'explicit_only', droppedBy: [], ownedByEntries: false },
};
