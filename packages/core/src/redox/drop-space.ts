import type { AddressSpace } from './address-space.ts';
import { Flusher } from './flusher.ts';
import { unpinned } from './grant.ts';
import type { Machine } from './machine.ts';
import { notify, type UnmapNotice, unmapGrant } from './unmap.ts';

/**
 * The owner of an address space is gone. It is taken down when no grant of others refers to it.
 *
 * @returns how many grants still refer to it
 */
export function dropSpace(machine: Machine, space: AddressSpace): number {
  machine.spaces.delete(space.id);
  if (machine.current === space) machine.current = null;
  space.orphaned = true;
  machine.orphans.add(space);
  const users = usersOf(machine, space);
  takeDownOrphans(machine);
  return users;
}

/** How many grants refer to a space. */
function usersOf(machine: Machine, space: AddressSpace): number {
  let users = 0;
  for (const other of [...machine.spaces.values(), ...machine.orphans]) {
    for (const { provider } of other.grants.list()) {
      if (provider.kind === 'External' && provider.source === space) users++;
    }
  }
  return users;
}

/** Take down the spaces that nobody owns and no grant refers to any more; to be called when grants have gone. */
export function takeDownOrphans(machine: Machine): void {
  let again = machine.orphans.size > 0;
  while (again) {
    again = false;
    for (const space of machine.orphans) {
      if (usersOf(machine, space) > 0) continue;
      machine.orphans.delete(space);
      takeDown(machine, space);
      again = true;
    }
  }
}

function takeDown(machine: Machine, space: AddressSpace): void {
  const notices: UnmapNotice[] = [];
  const flusher = new Flusher(machine, null);
  for (const grant of space.grants.list()) {
    space.grants.removeContaining(grant.base);
    unmapGrant(machine, space, unpinned(grant), flusher, notices);
    machine.sink?.vanished(space, grant, false);
  }
  space.table.drop();
  notify(machine, notices, 0);
}
