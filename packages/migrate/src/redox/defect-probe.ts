import { redox } from '@overmap/core';
import { type MachineDifference, machineDifference, type Ran } from './machine-difference.ts';

/** A defect that an operation ran into, and how it comes out without it. */
export interface ProbedDefect {
  readonly defect: redox.DefectName;
  /** Null: it comes out the same. */
  readonly difference: MachineDifference | null;
}

/** What an operation did on the kernel as it is. */
export interface Probe {
  readonly outcome: redox.RedoxOutcome;
  /** The machine before it. */
  readonly before: redox.Machine;
  readonly defects: readonly ProbedDefect[];
}

/** A machine that remembers at which defects an operation came by. */
class WatchedMachine extends redox.Machine {
  readonly reached = new Set<redox.DefectName>();

  override has(defect: redox.DefectName): boolean {
    // The base asks while it is made.
    (this.reached as Set<redox.DefectName> | undefined)?.add(defect);
    return super.has(defect);
  }
}

/**
 * Runs operations on the kernel as it is. Where one comes by a defect, it is run again from the same state with that
 * defect alone repaired: what then differs is what the defect did. The state goes on as recorded.
 */
export class DefectProbe {
  private readonly machine = new WatchedMachine({ policy: redox.REDOX_POLICIES.asIs });
  private readonly repaired: number;

  /** @param repaired - bits of the defects that are looked at */
  constructor(repaired: number) {
    this.repaired = repaired;
  }

  /** @throws RangeError when there is one of that number */
  addSpace(id: number, remoteProcessors: number): void {
    this.machine.addSpace(id, remoteProcessors);
  }

  /** @throws RangeError when there is no space of a number that it names, or a fork's child is there already */
  step(operation: redox.RedoxOperation): Probe {
    const { machine } = this;
    const before = new redox.Machine(machine);
    machine.reached.clear();
    const kept = run(machine, operation);
    const defects: ProbedDefect[] = [];
    for (const defect of machine.reached) {
      const bit = redox.DEFECTS[defect];
      if ((this.repaired & bit) === 0) continue;
      const other = new redox.Machine(before, machine.policy & ~bit);
      defects.push({ defect, difference: machineDifference(kept, run(other, operation), defect) });
    }
    return { outcome: kept.outcome, before, defects };
  }
}

function run(machine: redox.Machine, operation: redox.RedoxOperation): Ran {
  const messages: string[] = [];
  machine.schemes = {
    mmapPrep: (file, offset, size) => messages.push(`mmap_prep(file ${file}, offset ${offset}, size ${size})`),
    munmap: (file, offset, size) => messages.push(`munmap(file ${file}, offset ${offset}, size ${size})`),
    requestMmap: (file, offset) => messages.push(`request_mmap(file ${file}, offset ${offset})`),
  };
  return { outcome: redox.performRedox(machine, operation), machine, messages };
}
