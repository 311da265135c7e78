import { freebsd } from '@overmap/core';
import { type Answer, type Consequence, inexpressible, OK, type Outcome, refused, shown } from '../answer.ts';
import { Plan } from '../plan.ts';
import { Recorder } from '../recorder.ts';
import { type Action, PAGE, type Place, type Rights, type Step } from '../scenario.ts';
import type { RunningSystem, SystemUnderPolicy } from '../system.ts';
import { Handles } from './handles.ts';
import { sourceLabel } from './source-label.ts';

const { KEY_FLAGS, KEY_POLICIES, keyAt, Machine, MAP, performFreeBsd, PROT } = freebsd;

type Operation = freebsd.FreeBsdOperation;

const protOf = (rights: Rights): number =>
  (rights.includes('r') ? PROT.read : 0) |
  (rights.includes('w') ? PROT.write : 0) |
  (rights.includes('x') ? PROT.execute : 0);

const rightsOf = (prot: number): Rights =>
  `${prot & PROT.read ? 'r' : ''}${prot & PROT.write ? 'w' : ''}${prot & PROT.execute ? 'x' : ''}`;

/** FreeBSD under one policy of when protection keys go. */
class FreeBsd implements RunningSystem {
  private readonly machine: freebsd.Machine;
  private readonly plan = new Plan();
  private readonly recorder = new Recorder();
  private readonly files = new Handles<number>();
  private label: (address: number) => string = () => 'new';
  /** Pages that lost a key in this step, with it; pages that came in it. */
  private keysGone: { readonly at: number; readonly key: number }[] = [];
  private came: { readonly process: number; readonly at: number }[] = [];

  constructor(policy: freebsd.KeyPolicy) {
    this.machine = new Machine({ policy });
    this.listen();
  }

  run(step: Step): Answer {
    this.keysGone = [];
    this.came = [];
    const outcome = this.act(step.action, step.inChild ? 1 : 0);
    const { effects, lost } = this.recorder.take();
    return { outcome, effects, consequences: [...lost, ...this.keys(step.action)], note: noteOn(step.action) };
  }

  private act(action: Action, process: number): Outcome {
    switch (action.kind) {
      case 'memory':
        this.files.declare(action.name, 3 + this.files.count);
        return OK;
      case 'area':
        this.plan.declare(action);
        return OK;
      case 'reserve':
        return this.reserve(action);
      case 'map':
        return this.map(action, process);
      case 'unmap':
        return this.do({ op: 'munmap', process, ...this.range(action.at, action.pages) });
      case 'protect': {
        const range = this.range(action.at, action.pages);
        return this.do({ op: 'mprotect', process, ...range, prot: protOf(action.rights) });
      }
      case 'move':
        return inexpressible('FreeBSD has no call that moves a mapping');
      case 'touch':
        return this.touch(action, process);
      case 'copy':
        return this.files.copy(action.name, action.as) ? OK : refused('EBADF');
      case 'delete':
        return this.files.close(action.name) ? OK : refused('EBADF');
      case 'key': {
        const range = this.range(action.at, action.pages);
        const flags = action.persist ? KEY_FLAGS.PERSIST : 0;
        return this.do({ op: 'setKey', process, ...range, key: action.key, flags });
      }
      case 'invalidate':
        return this.do({
          op: 'msync',
          process,
          ...this.range(action.at, action.pages),
          invalidate: true,
          async: false,
        });
      case 'swap-out':
        return this.do({ op: 'swapout', process });
      case 'drop-table':
        return inexpressible('page tables are the kernel’s own');
      case 'fork':
        this.label = (address) => this.recorder.at(0, address) ?? 'new';
        return this.do({ op: 'fork', process: 0, child: 1 });
    }
  }

  private range(at: Place, pages: number): { address: number; length: number } {
    return { address: this.plan.addressOf(at), length: pages * PAGE };
  }

  private do(operation: Operation): Outcome {
    const { error } = performFreeBsd(this.machine, operation);
    return error === null ? OK : refused(error);
  }

  private reserve(action: Extract<Action, { kind: 'reserve' }>): Outcome {
    const { start, end } = this.plan.declare(action);
    this.label = (address) => `reserved ${this.plan.placeOf(address)}`;
    const flags = MAP.GUARD | MAP.FIXED | MAP.EXCL;
    const call = { address: start, length: end - start, prot: 0, flags, file: null, position: 0 };
    return this.do({ op: 'mmap', process: 0, ...call });
  }

  private map({ to, pages, source, mode, rights }: Extract<Action, { kind: 'map' }>, process: number): Outcome {
    const range = this.range(to, pages);
    const handle = this.files.get(source.name);
    this.label = sourceLabel(source, range.address, this.recorder, handle?.object);
    const fixed = MAP.FIXED | (mode === 'free' ? MAP.EXCL : 0);
    const call =
      source.kind === 'fresh'
        ? { flags: fixed | MAP.ANON | MAP.PRIVATE, file: null, position: 0 }
        : { flags: fixed | MAP.SHARED, file: handle?.value ?? null, position: source.page * PAGE };
    return this.do({ op: 'mmap', process, ...range, prot: protOf(rights), ...call });
  }

  private touch({ at, access }: Extract<Action, { kind: 'touch' }>, process: number): Outcome {
    const { address, length } = this.range(at, 1);
    const entry = this.machine.processes.get(process)?.map.find(address)?.entry;
    if (entry === undefined || !rightsOf(entry.prot).includes(access)) return refused('SIGSEGV');
    const write = access === 'w';
    const { value } = performFreeBsd(this.machine, { op: 'touch', process, address, length, write });
    return value > 0 ? refused('SIGSEGV') : shown(this.recorder.at(process, address));
  }

  private keys({ kind }: Action): Consequence[] {
    const found: Consequence[] = [];
    const { keysGone, plan } = this;
    if (keysGone.length > 0 && kind !== 'key') {
      const pages = keysGone.map(({ at, key }) => `key ${key} of ${plan.placeOf(at)}`);
      found.push({ kind: 'key-lost', count: pages.length, text: pages.join(', ') });
    }
    const under = this.came.flatMap(({ process, at }) => {
      const of = this.machine.processes.get(process);
      const key = of === undefined ? null : keyAt(of, at);
      return key === null || kind === 'fork' ? [] : [`${plan.placeOf(at)} under key ${key.value}`];
    });
    if (under.length > 0) found.push({ kind: 'key-inherited', count: under.length, text: under.join(', ') });
    return found;
  }

  private listen(): void {
    const { recorder } = this;
    const pages = (start: number, end: number): number[] =>
      Array.from({ length: Math.ceil((end - start) / PAGE) }, (_, i) => start + i * PAGE);
    this.machine.sink = {
      appeared: (process, start, end, entry) => {
        recorder.appeared(process, start, end, rightsOf(entry.prot), this.label);
        for (const at of pages(start, end)) this.came.push({ process, at });
      },
      vanished: (process, start, end) => recorder.gone(process, start, end),
      protectionChanged: (process, start, end, _before, after) =>
        recorder.changed(process, start, end, rightsOf(after)),
      keyChanged: (_process, start, end, before, after) => {
        if (before === null || after !== null) return;
        for (const at of pages(start, end)) this.keysGone.push({ at, key: before.value });
      },
    };
  }
}

function noteOn(action: Action): string | null {
  if (action.kind === 'reserve') return 'MAP_GUARD: an entry that no access gets through';
  if (action.kind === 'map' && action.large) return 'memory for a large page: which size it gets is not in the model';
  if (action.kind === 'delete') return 'close: mappings stay';
  if (action.kind === 'invalidate') return 'msync with MS_INVALIDATE';
  return null;
}

export const FREEBSD: readonly SystemUnderPolicy[] = Object.values(KEY_POLICIES).map((policy) => ({
  family: 'freebsd',
  policy: policy.name,
  name: `freebsd-${policy.name.replaceAll('_', '-')}`,
  start: () => new FreeBsd(policy),
}));
