import {
  AddressSpace,
  BAD_FILE,
  Errno,
  errnoName,
  type LinuxCall,
  LinuxColumns,
  MapFlag,
  Prot,
  RemapFlag,
  runCall,
  VmFlag,
} from '@overmap/core';
import { type Answer, inexpressible, OK, type Outcome, refused, shown } from '../answer.ts';
import { Plan } from '../plan.ts';
import { Recorder } from '../recorder.ts';
import { type Action, PAGE, type Rights, type Step } from '../scenario.ts';
import type { RunningSystem, SystemUnderPolicy } from '../system.ts';
import { Handles } from './handles.ts';
import { sourceLabel } from './source-label.ts';

type Request = 'fixed' | 'noreplace';

const PRIVATE = MapFlag.PRIVATE | MapFlag.ANONYMOUS;

const protOf = (rights: Rights): number =>
  (rights.includes('r') ? Prot.READ : 0) |
  (rights.includes('w') ? Prot.WRITE : 0) |
  (rights.includes('x') ? Prot.EXEC : 0);

const rightsOf = (flags: number): Rights =>
  `${flags & VmFlag.READ ? 'r' : ''}${flags & VmFlag.WRITE ? 'w' : ''}${flags & VmFlag.EXEC ? 'x' : ''}`;

/** A Linux process whose program places every mapping with MAP_FIXED, or with MAP_FIXED_NOREPLACE. */
class Linux implements RunningSystem {
  private readonly request: Request;
  private readonly plan = new Plan();
  private readonly recorder = new Recorder();
  private readonly processes: AddressSpace[] = [];
  private readonly calls = new LinuxColumns();
  /** Open descriptors, as numbers of open files. */
  private readonly files = new Handles<number>();
  /** What the pages that come in this step show. */
  private label: (address: number) => string = () => 'new';

  constructor(request: Request) {
    this.request = request;
    this.processes.push(new AddressSpace());
    this.listen(0);
  }

  run(step: Step): Answer {
    const outcome = this.act(step.action, step.inChild ? 1 : 0);
    const { effects, lost } = this.recorder.take();
    return { outcome, effects, consequences: lost, note: this.noteOn(step.action) };
  }

  private act(action: Action, process: number): Outcome {
    switch (action.kind) {
      case 'memory':
        this.files.declare(action.name, this.space(0).open({ name: action.name, pages: action.pages }));
        return OK;
      case 'area':
        this.plan.declare(action);
        return OK;
      case 'reserve':
        return this.reserve(action);
      case 'map':
        return this.map(action, process);
      case 'unmap':
        return this.call(process, { op: 'munmap', ...this.range(action.at, action.pages) });
      case 'protect':
        return this.call(process, {
          op: 'mprotect',
          ...this.range(action.at, action.pages),
          prot: protOf(action.rights),
        });
      case 'move':
        return this.move(action, process);
      case 'touch':
        return this.touch(action, process);
      case 'copy':
        return this.files.copy(action.name, action.as) ? OK : refused('EBADF');
      case 'delete':
        return this.files.close(action.name) ? OK : refused('EBADF');
      case 'drop-table':
        return inexpressible('page tables are the kernel’s own');
      case 'fork':
        return this.fork();
      case 'key':
        return inexpressible('memory protection keys are not in the model of Linux');
      case 'invalidate':
      case 'swap-out':
        return inexpressible('what the pager does is not in the model of Linux');
    }
  }

  private noteOn(action: Action): string | null {
    if (action.kind === 'reserve') return 'mmap with PROT_NONE: the reservation is a mapping itself';
    if (action.kind === 'map' && action.large) return 'memory for a large page: which size it gets is not in the model';
    if (action.kind === 'move' && this.request === 'noreplace')
      return 'mremap has no request that spares what is there';
    if (action.kind === 'delete') return 'close: mappings stay';
    return null;
  }

  private space(process: number): AddressSpace {
    return this.processes[process] ?? this.processes[0];
  }

  private range(at: { area: string; page: number }, pages: number): { addr: number; len: number } {
    return { addr: this.plan.addressOf(at), len: pages * PAGE };
  }

  private call(process: number, call: LinuxCall): Outcome {
    this.calls.set(0, call);
    const error = runCall(this.space(process), this.calls, 0);
    return error === Errno.OK ? OK : refused(errnoName(error));
  }

  private reserve(action: Extract<Action, { kind: 'reserve' }>): Outcome {
    const { start, end } = this.plan.declare(action);
    this.label = (address) => `reserved ${this.plan.placeOf(address)}`;
    const flags = PRIVATE | MapFlag.NORESERVE | MapFlag.FIXED_NOREPLACE;
    return this.call(0, { op: 'mmap', addr: start, len: end - start, prot: 0, flags });
  }

  private map(action: Extract<Action, { kind: 'map' }>, process: number): Outcome {
    const { to, pages, source, mode } = action;
    const start = this.plan.addressOf(to);
    const handle = this.files.get(source.name);
    this.label = sourceLabel(source, start, this.recorder, handle?.object);
    const fixed = mode === 'free' || this.request === 'noreplace' ? MapFlag.FIXED_NOREPLACE : MapFlag.FIXED;
    const range = { addr: start, len: pages * PAGE, prot: protOf(action.rights) };
    if (source.kind === 'fresh') return this.call(process, { op: 'mmap', ...range, flags: PRIVATE | fixed });
    const file = handle?.value ?? BAD_FILE;
    return this.call(process, { op: 'mmap', ...range, flags: MapFlag.SHARED | fixed, file, off: source.page * PAGE });
  }

  private move({ from, pages, to }: Extract<Action, { kind: 'move' }>, process: number): Outcome {
    const [addr, newAddr] = [this.plan.addressOf(from), this.plan.addressOf(to)];
    const before = Array.from({ length: pages }, (_, i) => this.recorder.at(process, addr + i * PAGE));
    this.label = (address) => before[(address - newAddr) / PAGE] ?? 'new';
    const flags = RemapFlag.MAYMOVE | RemapFlag.FIXED;
    return this.call(process, { op: 'mremap', addr, oldLen: pages * PAGE, newLen: pages * PAGE, flags, newAddr });
  }

  private touch({ at, access }: Extract<Action, { kind: 'touch' }>, process: number): Outcome {
    const space = this.space(process);
    const addr = this.plan.addressOf(at);
    const attributes = space.map.find(addr / PAGE);
    const allowed = attributes >= 0 && rightsOf(space.attributes.flags[attributes]).includes(access);
    if (!allowed || (access === 'w' && this.call(process, { op: 'touch', addr }) !== OK)) return refused('SIGSEGV');
    return shown(this.recorder.at(process, addr));
  }

  private fork(): Outcome {
    const child = new AddressSpace();
    const parent = this.space(0);
    child.restore(parent.snapshot());
    this.processes.push(child);
    this.listen(1);
    child.map.forEach((start, end, id) => {
      const rights = rightsOf(child.attributes.flags[id]);
      this.recorder.appeared(1, start * PAGE, end * PAGE, rights, (address) => this.recorder.at(0, address) ?? 'new');
    });
    return OK;
  }

  private listen(process: number): void {
    const space = this.space(process);
    const { recorder } = this;
    const gone = (start: number, end: number): void => recorder.gone(process, start * PAGE, end * PAGE);
    const rights = (id: number): Rights => rightsOf(space.attributes.flags[id]);
    space.sink = {
      appeared: (start, end, id) => recorder.appeared(process, start * PAGE, end * PAGE, rights(id), this.label),
      vanished: gone,
      replaced: gone,
      changed: (start, end, _before, after) => recorder.changed(process, start * PAGE, end * PAGE, rights(after)),
      moved: () => {},
    };
  }
}

const DESCRIBED: readonly Request[] = ['fixed', 'noreplace'];

export const LINUX: readonly SystemUnderPolicy[] = DESCRIBED.map((request) => ({
  family: 'linux',
  policy: request,
  name: `linux-${request}`,
  start: () => new Linux(request),
}));
