import {
  applyEdits,
  decide,
  type Decision,
  isNullDerived,
  nullDerived,
  offset,
  PCUABI_PROFILES,
  type PcuabiCall,
  type PcuabiProfile,
  PcuabiSpace,
  PERMISSION,
  PROT,
  type UserCapability,
} from '@overmap/core';
import { type Answer, type Consequence, inexpressible, OK, type Outcome, refused, shown } from '../answer.ts';
import { Plan } from '../plan.ts';
import { Recorder } from '../recorder.ts';
import { type Action, PAGE, type Place, type Rights, type Step } from '../scenario.ts';
import type { RunningSystem, SystemUnderPolicy } from '../system.ts';
import { Handles } from './handles.ts';
import { sourceLabel } from './source-label.ts';

const ALL = PROT.read | PROT.write | PROT.execute;

const protOf = (rights: Rights): number =>
  (rights.includes('r') ? PROT.read : 0) |
  (rights.includes('w') ? PROT.write : 0) |
  (rights.includes('x') ? PROT.execute : 0);

const rightsOf = (prot: number): Rights =>
  `${prot & PROT.read ? 'r' : ''}${prot & PROT.write ? 'w' : ''}${prot & PROT.execute ? 'x' : ''}`;

const NEEDED = { r: PERMISSION.Load, w: PERMISSION.Store, x: PERMISSION.Execute } as const;

/** A pointer that the program keeps, for the range that it was given for. */
interface Pointer {
  readonly start: number;
  readonly end: number;
  readonly capability: UserCapability;
  /** Its reservation was gone when the program last had a look. */
  dead: boolean;
}

/** A pure-capability program. It keeps every pointer that it is given, and uses the latest one for a place. */
class Pcuabi implements RunningSystem {
  private readonly plan = new Plan();
  private readonly recorder = new Recorder();
  private readonly spaces: PcuabiSpace[] = [];
  private readonly pointers: Pointer[] = [];
  /** Areas that were reserved; those are always named by pointer. */
  private readonly reserved = new Set<string>();
  private readonly objects = new Handles<number>();
  private label: (address: number) => string = () => 'new';

  constructor(profile: PcuabiProfile) {
    this.spaces.push(new PcuabiSpace(profile));
  }

  run(step: Step): Answer {
    const outcome = this.act(step.action, step.inChild ? 1 : 0);
    const { effects, lost } = this.recorder.take();
    return { outcome, effects, consequences: [...lost, ...this.deadPointers()], note: this.noteOn(step.action) };
  }

  private act(action: Action, process: number): Outcome {
    switch (action.kind) {
      case 'memory':
        this.objects.declare(action.name, this.objects.count + 1);
        return OK;
      case 'area':
        this.plan.declare(action);
        return OK;
      case 'reserve':
        return this.reserve(action);
      case 'map':
        return this.map(action, process);
      case 'unmap':
        return this.call(process, { call: 'munmap', ...this.range(action.at, action.pages) });
      case 'protect': {
        const range = this.range(action.at, action.pages);
        return this.call(process, { call: 'mprotect', ...range, prot: protOf(action.rights) });
      }
      case 'move':
        return this.move(action, process);
      case 'touch':
        return this.touch(action, process);
      case 'copy':
        return this.objects.copy(action.name, action.as) ? OK : refused('EBADF');
      case 'delete':
        return this.objects.close(action.name) ? OK : refused('EBADF');
      case 'drop-table':
        return inexpressible('page tables are the kernel’s own');
      case 'fork':
        return this.fork();
      case 'key':
        return inexpressible('memory protection keys are not in the model of PCuABI');
      case 'invalidate':
      case 'swap-out':
        return inexpressible('what the pager does is not in the model of PCuABI');
    }
  }

  private noteOn(action: Action): string | null {
    if (action.kind === 'reserve')
      return 'mmap with PROT_NONE and PROT_MAX; later steps use the pointer that it returns';
    if (action.kind === 'map' && action.large) return 'memory for a large page: which size it gets is not in the model';
    if (action.kind === 'map') return this.usesPointer(action) ? 'by the pointer' : 'by a null-derived address';
    if (action.kind === 'delete') return 'close: mappings stay';
    return null;
  }

  private space(process: number): PcuabiSpace {
    return this.spaces[process] ?? this.spaces[0];
  }

  /** The pointer to a place: the latest that was given for it, or what its address becomes. */
  private pointerTo(place: Place): UserCapability {
    const address = this.plan.addressOf(place);
    const found = this.pointers.findLast(({ start, end }) => start <= address && address < end);
    if (found === undefined) return nullDerived(address);
    const { capability } = found;
    return offset(this.space(0).profile.format, capability, address - capability.address);
  }

  private range(at: Place, pages: number): { address: UserCapability; length: number } {
    return { address: this.pointerTo(at), length: pages * PAGE };
  }

  private call(process: number, call: PcuabiCall): Outcome {
    const { refusal } = this.perform(process, call);
    return refusal === null ? OK : refused(refusal.error);
  }

  private perform(process: number, call: PcuabiCall): Decision {
    const space = this.space(process);
    const { recorder } = this;
    const decision = decide(space, call);
    const came = (start: number, end: number): void => {
      const prot = space.mappingAt(start)?.prot ?? 0;
      recorder.appeared(process, start, end, rightsOf(prot), this.label);
    };
    applyEdits(space, decision.edits, {
      appeared: (_object, start, end) => came(start, end),
      vanished: (_object, start, end) => recorder.gone(process, start, end),
      replaced: (_object, start, end) => came(start, end),
      protectionChanged: (_object, start, end, _from, to) => recorder.changed(process, start, end, rightsOf(to)),
      reserved: () => {},
      released: () => {},
    });
    return decision;
  }

  private reserve(action: Extract<Action, { kind: 'reserve' }>): Outcome {
    const { start, end } = this.plan.declare(action);
    this.label = (address) => `reserved ${this.plan.placeOf(address)}`;
    const mapped = { call: 'mmap', address: nullDerived(start), length: end - start, prot: 0 } as const;
    const { refusal, returned } = this.perform(0, { ...mapped, maxProt: ALL, noReplace: true });
    if (refusal !== null) return refused(refusal.error);
    this.reserved.add(action.name);
    this.keep(start, end, returned);
    return OK;
  }

  private usesPointer({ by, mode, to }: Extract<Action, { kind: 'map' }>): boolean {
    return by === 'default' ? mode === 'over' || this.reserved.has(to.area) : by === 'pointer';
  }

  private map(action: Extract<Action, { kind: 'map' }>, process: number): Outcome {
    const { to, pages, source, mode, rights } = action;
    const start = this.plan.addressOf(to);
    const handle = this.objects.get(source.name);
    const object = source.kind === 'fresh' ? 0 : handle?.value;
    if (object === undefined) return refused('EBADF');
    this.label = sourceLabel(source, start, this.recorder, handle?.object);
    const { refusal, returned } = this.perform(process, {
      call: 'mmap',
      address: this.usesPointer(action) ? this.pointerTo(to) : nullDerived(start),
      length: pages * PAGE,
      prot: protOf(rights),
      fixed: true,
      noReplace: mode === 'free',
      shared: source.kind === 'object',
      object,
    });
    if (refusal !== null) return refused(refusal.error);
    if (!this.usesPointer(action)) this.keep(start, start + pages * PAGE, returned);
    return OK;
  }

  private keep(start: number, end: number, capability: UserCapability | null): void {
    if (capability !== null && !isNullDerived(capability)) this.pointers.push({ start, end, capability, dead: false });
  }

  private move({ from, pages, to }: Extract<Action, { kind: 'move' }>, process: number): Outcome {
    const [start, target] = [this.plan.addressOf(from), this.plan.addressOf(to)];
    const length = pages * PAGE;
    const before = Array.from({ length: pages }, (_, i) => this.recorder.at(process, start + i * PAGE));
    this.label = (address) => before[(address - target) / PAGE] ?? 'new';
    const { refusal, returned } = this.perform(process, {
      call: 'mremap',
      address: this.pointerTo(from),
      oldLength: length,
      newLength: length,
      mayMove: true,
      fixed: true,
      to: this.pointerTo(to),
    });
    if (refusal !== null) return refused(refusal.error);
    this.keep(target, target + length, returned);
    return OK;
  }

  /** An access needs a valid pointer with the permission, and then a page that allows it. */
  private touch({ at, access }: Extract<Action, { kind: 'touch' }>, process: number): Outcome {
    const pointer = this.pointerTo(at);
    const { address, base, top, permissions } = pointer;
    const inside = base <= address && address + PAGE <= top;
    if (!pointer.tag || pointer.sealed || !inside || (permissions & NEEDED[access]) === 0)
      return refused('capability fault');
    const mapping = this.space(process).mappingAt(address);
    if (mapping === undefined || !rightsOf(mapping.prot).includes(access)) return refused('SIGSEGV');
    return shown(this.recorder.at(process, address));
  }

  private fork(): Outcome {
    const child = this.space(0).clone();
    applyEdits(child, decide(child, { call: 'fork' }).edits, null);
    this.spaces.push(child);
    for (const { start, end, prot } of child.listMappings())
      this.recorder.appeared(1, start, end, rightsOf(prot), (address) => this.recorder.at(0, address) ?? 'new');
    return OK;
  }

  /** Pointers that named a live reservation of some process, and do not any more. */
  private deadPointers(): Consequence[] {
    const gone = this.pointers.filter(({ dead, capability: { base, top } }) => {
      return !dead && this.spaces.every((space) => space.reservationAround(base, top) === undefined);
    });
    for (const pointer of gone) pointer.dead = true;
    const text = gone.map(({ start }) => `to ${this.plan.placeOf(start)}`).join(', ');
    return gone.length === 0 ? [] : [{ kind: 'dead-pointer', count: gone.length, text }];
  }
}

const { pcuabi, ...others } = PCUABI_PROFILES;

export const PCUABI_SYSTEMS: readonly SystemUnderPolicy[] = Object.entries<PcuabiProfile>({
  default: pcuabi,
  ...others,
}).map(([policy, profile]) => ({
  family: 'pcuabi',
  policy,
  name: `pcuabi-${policy}`,
  start: () => new Pcuabi(profile),
}));
