import { PageTable, type TableFrames } from './page-table.ts';
import { UserGrants } from './user-grants.ts';

/** An address space: grants, and the page table that shows as much of them as was touched. */
export class AddressSpace {
  /** The number under which a machine knows it. */
  readonly id: number;
  readonly table: PageTable;
  readonly grants = new UserGrants();
  /** Pages below this are found for nobody; they may be asked for. */
  minPage = 1;
  /** Processors besides this one that have the space loaded. */
  remoteProcessors: number;
  /** Its owner has dropped it; it lives as long as grants of others refer to it. */
  orphaned = false;

  /** @param copied - a space whose page table is copied */
  constructor(id: number, frames: TableFrames, remoteProcessors = 0, copied?: AddressSpace) {
    this.id = id;
    this.table = new PageTable(frames, copied?.table);
    this.remoteProcessors = remoteProcessors;
  }
}
