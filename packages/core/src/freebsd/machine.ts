import type { Attribute } from './attribute-ranges.ts';
import type { FreeBsdSink } from './effects.ts';
import type { AttributeChange, PmapOptions } from './pmap.ts';
import { KEY_POLICIES, type KeyPolicy, type RemovalReason } from './policy.ts';
import { Process } from './process.ts';
import { VmObjects } from './vm-objects.ts';

export interface MachineOptions extends PmapOptions {
  /** When keys go. Default: `pmap_map_delete`, as adopted. */
  readonly policy?: KeyPolicy;
  /** Pages that each process has resident besides those of the model: its code and stack. Default 1. */
  readonly elsewhere?: number;
}

/** All processes, their objects and the policy. Starts with one process, number 0. */
export class Machine {
  readonly policy: KeyPolicy;
  readonly objects: VmObjects;
  readonly processes = new Map<number, Process>();
  sink: FreeBsdSink | null = null;

  constructor(options: MachineOptions = {}, objects = new VmObjects()) {
    this.policy = options.policy ?? KEY_POLICIES.pmap_map_delete;
    this.objects = objects;
    this.processes.set(0, Process.empty(0, options, options.elsewhere ?? 1));
  }

  /** Take page-table entries away, and the keys of the range where the policy says so. */
  removePages(process: Process, start: number, end: number, reason: RemovalReason): void {
    const drops = this.policy.droppedBy.includes(reason);
    process.pmap.remove(start, end, drops, this.keyListener(process), process.residentElsewhere);
  }

  /** For the pmap: passes changes of keys on to the sink. */
  keyListener({ id }: Process): AttributeChange | undefined {
    const { sink } = this;
    if (sink === null) return undefined;
    return (start: number, end: number, before: Attribute | null, after: Attribute | null): void =>
      sink.keyChanged(id, start, end, before, after);
  }

  /** A copy that is changed apart from this one; nobody listens to it. */
  clone(): Machine {
    const copy = new Machine({ policy: this.policy }, this.objects.clone());
    copy.processes.clear();
    for (const [id, process] of this.processes) copy.processes.set(id, process.clone());
    return copy;
  }
}
