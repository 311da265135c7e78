import { redox } from '@overmap/core';
import { type Answer, inexpressible, OK, type Outcome, refused, shown } from '../answer.ts';
import { Plan } from '../plan.ts';
import { Recorder } from '../recorder.ts';
import { type Action, PAGE, type Rights, type Step } from '../scenario.ts';
import type { RunningSystem, SystemUnderPolicy } from '../system.ts';
import { Handles } from './handles.ts';
import { sourceLabel } from './source-label.ts';

const { Machine, MAP, MREMAP, performRedox, PTE, REDOX_POLICIES } = redox;

type Operation = redox.RedoxOperation;

/** The address space of the process that serves the memory objects. */
const SCHEME = 9;
/** Where its objects lie in it. */
const OBJECTS = 0x4000_0000;
const OBJECT_STRIDE = 0x200_0000;
const ACCESS = { r: 'read', w: 'write', x: 'fetch' } as const;

const protOf = (rights: Rights): number =>
  (rights.includes('r') ? MAP.read : 0) |
  (rights.includes('w') ? MAP.write : 0) |
  (rights.includes('x') ? MAP.exec : 0);

/** What is present can be read. */
const rightsOf = (flags: number): Rights => `r${flags & PTE.write ? 'w' : ''}${flags & PTE.exec ? 'x' : ''}`;

/** A Redox process, and another one that serves the memory objects as files of a scheme. */
class Redox implements RunningSystem {
  private readonly machine: redox.Machine;
  private readonly plan = new Plan();
  private readonly recorder = new Recorder();
  /** Of each object: the file's number, and where it lies in the scheme's space. */
  private readonly files = new Handles<{ readonly file: number; readonly at: number }>();
  /** What was written: the label of the page by the number that was put there. */
  private readonly written: string[] = [''];
  private label: (address: number) => string = () => 'new';
  private panicked = false;

  constructor(policy: number) {
    // 256 MiB: the largest scenario's memory, in frames from 16 MiB on.
    this.machine = new Machine({ policy, memory: [{ base: 0x1000, count: 0x1_0000 }] });
    this.machine.addSpace(0);
    this.machine.addSpace(SCHEME);
    this.listen();
  }

  run(step: Step): Answer {
    if (this.panicked)
      return { outcome: refused('the kernel has panicked'), effects: [], consequences: [], note: null };
    const outcome = this.act(step.action, step.inChild ? 1 : 0);
    const { effects, lost } = this.recorder.take();
    return { outcome, effects, consequences: lost, note: noteOn(step.action) };
  }

  private act(action: Action, space: number): Outcome {
    switch (action.kind) {
      case 'memory':
        return this.serve(action);
      case 'area':
        this.plan.declare(action);
        return OK;
      case 'reserve': {
        const { start, end } = this.plan.declare(action);
        this.label = (address) => `reserved ${this.plan.placeOf(address)}`;
        return this.anonymous(0, start, end - start, MAP.private | MAP.fixedNoReplace);
      }
      case 'map':
        return this.map(action, space);
      case 'unmap':
        return this.do({ op: 'munmap', space, address: this.plan.addressOf(action.at), size: action.pages * PAGE });
      case 'protect': {
        const where = { address: this.plan.addressOf(action.at), size: action.pages * PAGE };
        return this.do({ op: 'mprotect', space, ...where, mapFlags: protOf(action.rights) });
      }
      case 'move':
        return this.move(action, space);
      case 'touch':
        return this.touch(action, space);
      case 'copy':
        return this.files.copy(action.name, action.as) ? OK : refused('EBADF');
      case 'delete':
        return this.files.close(action.name) ? OK : refused('EBADF');
      case 'drop-table':
        return inexpressible('page tables are the kernel’s own');
      case 'fork':
        this.label = (address) => this.recorder.at(0, address) ?? 'new';
        return this.do({ op: 'fork', space: 0, child: 1 });
      case 'key':
        return inexpressible('Redox has no protection keys');
      case 'invalidate':
      case 'swap-out':
        return inexpressible('Redox has no pager');
    }
  }

  private do(operation: Operation): Outcome {
    return this.ended(performRedox(this.machine, operation));
  }

  private ended(outcome: redox.RedoxOutcome): Outcome {
    switch (outcome.kind) {
      case 'done':
      case 'accessed':
        return OK;
      case 'error':
        return refused(outcome.error);
      case 'fault':
        return refused(outcome.fault);
      case 'panic':
        this.panicked = true;
        return refused(`panic: ${outcome.why}`);
    }
  }

  /** The scheme has the object's pages in its own space. */
  private serve({ name, pages }: Extract<Action, { kind: 'memory' }>): Outcome {
    const at = OBJECTS + this.files.count * OBJECT_STRIDE;
    this.files.declare(name, { file: this.files.count + 1, at });
    return this.anonymous(SCHEME, at, pages * PAGE, MAP.read | MAP.write | MAP.shared | MAP.fixedNoReplace);
  }

  private anonymous(space: number, address: number, size: number, mapFlags: number): Outcome {
    return this.do({ op: 'mmap', space, address, size, mapFlags, memory: 'wb', contiguous: false });
  }

  private map({ to, pages, source, mode, rights }: Extract<Action, { kind: 'map' }>, space: number): Outcome {
    const address = this.plan.addressOf(to);
    const size = pages * PAGE;
    const handle = this.files.get(source.name);
    this.label = sourceLabel(source, address, this.recorder, handle?.object);
    const placed = protOf(rights) | (mode === 'free' ? MAP.fixedNoReplace : MAP.fixed);
    if (source.kind === 'fresh') return this.anonymous(space, address, size, placed | MAP.private);
    if (handle === null) return refused('EBADF');
    const { file, at } = handle.value;
    const offset = source.page * PAGE;
    const reply = at + offset;
    const mapFlags = placed | MAP.shared;
    return this.do({ op: 'mapScheme', space, scheme: SCHEME, file, reply, offset, size, address, mapFlags });
  }

  /** What is written can be read elsewhere, where it must not be (defect B4): so that is looked at, too. */
  private touch({ at, access }: Extract<Action, { kind: 'touch' }>, space: number): Outcome {
    const address = this.plan.addressOf(at);
    const label = this.recorder.at(space, address);
    const value = access === 'w' ? this.written.push(label ?? '') - 1 : 0;
    const touched = { op: 'access', space, access: ACCESS[access], page: address / PAGE, value } as const;
    const outcome = performRedox(this.machine, touched);
    if (outcome.kind !== 'accessed') return this.ended(outcome);
    const there = this.written[outcome.word];
    return there === '' || there === undefined || there === label
      ? shown(label)
      : shown(`${there} in place of ${label}`);
  }

  private move({ from, pages, to }: Extract<Action, { kind: 'move' }>, space: number): Outcome {
    const [oldAddress, newAddress] = [this.plan.addressOf(from), this.plan.addressOf(to)];
    const size = pages * PAGE;
    const before = Array.from({ length: pages }, (_, i) => this.recorder.at(space, oldAddress + i * PAGE));
    this.label = (address) => before[(address - newAddress) / PAGE] ?? 'new';
    const sizes = { oldSize: size, newSize: size };
    const remapFlags = MREMAP.fixedReplace;
    const mapFlags = protOf(this.rightsAt(space, oldAddress));
    return this.do({ op: 'mremap', space, oldAddress, newAddress, ...sizes, remapFlags, mapFlags });
  }

  private rightsAt(space: number, address: number): Rights {
    const grant = this.machine.spaces.get(space)?.grants.containing(address / PAGE);
    return grant === null || grant === undefined ? 'rw' : rightsOf(grant.flags);
  }

  private listen(): void {
    const { recorder } = this;
    const range = (base: number, count: number): [number, number] => [base * PAGE, (base + count) * PAGE];
    this.machine.sink = {
      appeared: ({ id }, { base, count, flags }) => {
        if (id !== SCHEME) recorder.appeared(id, ...range(base, count), rightsOf(flags), this.label);
      },
      vanished: ({ id }, { base, count }) => recorder.gone(id, ...range(base, count)),
      protectionChanged: ({ id }, { base, count }, _before, after) =>
        recorder.changed(id, ...range(base, count), rightsOf(after)),
    };
  }
}

function noteOn(action: Action): string | null {
  if (action.kind === 'reserve') return 'there is no PROT_NONE: a mapping without rights reads as zeros';
  if (action.kind === 'map' && action.large) return 'there are no large pages: small ones';
  if (action.kind === 'map' && action.source.kind === 'object') return 'a file of a scheme, mapped shared';
  if (action.kind === 'protect' && action.rights === '') return 'what is present can be read all the same';
  if (action.kind === 'delete') return 'close: mappings stay';
  return null;
}

const NAMES = { asIs: 'as-is', intended: 'intended' } as const;

export const REDOX: readonly SystemUnderPolicy[] = (['asIs', 'intended'] as const).map((policy) => ({
  family: 'redox',
  policy: NAMES[policy],
  name: `redox-${NAMES[policy]}`,
  start: () => new Redox(REDOX_POLICIES[policy]),
}));
