import { Batcher } from '@overmap/batch';
import {
  type ArchName,
  Atomicity,
  Batched,
  type MappingRecord,
  OK as DONE,
  POLICIES,
  type PolicyName,
  sayOutcome,
} from '@overmap/core';
import { type Answer, type Consequence, inexpressible, OK, type Outcome, refused, shown } from '../answer.ts';
import { Plan } from '../plan.ts';
import { labelBehind, Recorder } from '../recorder.ts';
import { type Action, PAGE, type Place, type Rights, type Step } from '../scenario.ts';
import type { RunningSystem, SystemUnderPolicy } from '../system.ts';
import { Sel4Client } from './sel4-client.ts';

/** How a client asks for several pages: one invocation each, until one is refused; or one for all or none. */
type Invocations = 'single' | 'batched';

/** A page of an operation, and the capability that it is done through. */
interface Part {
  readonly slot: number;
  readonly address: number;
}

/** A client of seL4 under one policy, with its own book of which capability it last mapped where. */
class Sel4 implements RunningSystem {
  private readonly client: Sel4Client;
  private readonly batcher: Batcher | null;
  private readonly policy: PolicyName;
  private readonly plan = new Plan();
  private readonly recorder = new Recorder();
  /** Slots of the frames of each object, those of copied capabilities too. */
  private readonly objects = new Map<string, number[]>();
  /** What to call each frame capability, and each page of physical memory. */
  private readonly names = new Map<number, string>();
  private readonly memory = new Map<number, string>();
  /** By address: the capability that the client last mapped there. */
  private readonly book = new Map<number, number>();
  private stale = new Set<number>();
  private rights: Rights = '';
  private note: string | null = null;

  constructor(arch: ArchName, policy: PolicyName, invocations: Invocations) {
    this.client = new Sel4Client(arch, POLICIES[policy]);
    this.policy = policy;
    this.batcher =
      invocations === 'batched' ? new Batcher(this.client.kernel, POLICIES[policy], { maxPages: 2047 }) : null;
  }

  run(step: Step): Answer {
    this.note = null;
    const before = this.client.mappings();
    const outcome = this.act(step);
    this.record(before, this.client.mappings());
    const { effects } = this.recorder.take();
    return { outcome, effects, consequences: this.newlyStale(), note: this.note };
  }

  private act({ action, inChild }: Step): Outcome {
    if (inChild) return inexpressible('there is no child: the kernel has no fork');
    switch (action.kind) {
      case 'memory':
        this.declare(action.name, action.pages, false);
        return OK;
      case 'area':
        this.plan.declare(action);
        return OK;
      case 'reserve':
        this.plan.declare(action);
        return inexpressible('the kernel keeps no ranges: which addresses are taken is the client’s own book');
      case 'map':
        return this.map(action);
      case 'unmap':
        return this.unmap(action);
      case 'protect':
        return this.protect(action);
      case 'move':
        return this.move(action);
      case 'touch':
        return this.touch(action);
      case 'copy':
        return this.copy(action);
      case 'delete':
        return this.each(
          (this.objects.get(action.name) ?? []).map((slot) => ({ slot, address: 0 })),
          ({ slot }) => this.client.delete(slot),
        );
      case 'key':
        return inexpressible('seL4 has no protection keys');
      case 'invalidate':
      case 'swap-out':
        return inexpressible('seL4 has no pager');
      case 'drop-table': {
        const outcome = this.client.dropTable(this.plan.addressOf(action.at));
        return outcome === null ? inexpressible('no page table is there') : this.ended(outcome, undefined);
      }
      case 'fork':
        return inexpressible('the kernel has no fork: a copy of a vspace is the client’s own work');
    }
  }

  /** New frames under a name. */
  private declare(name: string, pages: number, large: boolean): number[] {
    const { slot, paddr, bytes } = this.client.frames(large ? 1 : pages, large);
    const slots = Array.from({ length: large ? 1 : pages }, (_, i) => slot + i);
    this.objects.set(name, slots);
    for (const [i, each] of slots.entries()) this.names.set(each, `${name}+${i}`);
    const count = (slots.length * bytes) / PAGE;
    for (let i = 0; i < count; i++) this.memory.set(paddr / PAGE + i, `${name}+${i}`);
    return slots;
  }

  private map({ mode, to, pages, large, rights, source }: Extract<Action, { kind: 'map' }>): Outcome {
    if (mode === 'free' && this.replaces) return inexpressible('a map cannot ask for a free place: the policy decides');
    const frames =
      source.kind === 'fresh' ? this.declare(source.name, pages, large) : (this.objects.get(source.name) ?? []);
    const first = source.kind === 'fresh' ? 0 : source.page;
    const start = this.plan.addressOf(to);
    const parts = frames
      .slice(first, first + (large ? 1 : pages))
      .map((slot, i) => ({ slot, address: start + i * PAGE }));
    this.rights = rights;
    const outcome = this.batcher === null ? this.mapEach(parts, rights) : this.mapBatch(this.batcher, parts, rights);
    for (const { slot } of parts) {
      const address = this.client.recorded(slot);
      if (address === null) continue;
      for (let at = address; at < address + (large ? pages : 1) * PAGE; at += PAGE) this.book.set(at, slot);
    }
    return outcome;
  }

  /** Whether a map may take the place of another frame. */
  private get replaces(): boolean {
    return this.policy.startsWith('permissive') || (this.policy === 'legacy' && !this.client.isRiscv);
  }

  private mapEach(parts: readonly Part[], rights: Rights): Outcome {
    return this.each(parts, ({ slot, address }) => {
      const tables = this.client.ensureTables(slot, address);
      if (tables === DONE) return this.client.map(slot, address, rights);
      this.say('it is the map of the page table that is refused');
      return tables;
    });
  }

  private mapBatch(batcher: Batcher, parts: readonly Part[], rights: Rights): Outcome {
    for (const { slot, address } of parts) this.client.ensureTables(slot, address);
    const [{ slot: first, address } = { slot: 0, address: 0 }] = parts;
    const { index, outcome } = batcher.run(
      {
        form: 'window',
        kind: Batched.map,
        first,
        count: parts.length,
        vspace: this.client.vspace,
        vaddrHi: 0,
        vaddrLo: address | 0,
        rights: this.client.lettersOf(rights),
        attr: this.client.attributesOf(rights),
      },
      { mode: Atomicity.atomic },
    );
    return this.ended(outcome, parts[index]);
  }

  /** One invocation for each part, up to the first that is refused. */
  private each(parts: readonly Part[], invoke: (part: Part) => number): Outcome {
    for (const part of parts) {
      const outcome = invoke(part);
      if (outcome !== DONE) return this.ended(outcome, parts.length > 1 ? part : undefined);
    }
    return OK;
  }

  private ended(outcome: number, refusedPart: Part | undefined): Outcome {
    if (outcome === DONE) return OK;
    if (refusedPart !== undefined) this.say(`refused at ${this.plan.placeOf(refusedPart.address)}`);
    return refused(sayOutcome(outcome));
  }

  /** The capabilities that the client last mapped in a range, each once. */
  private partsIn(at: Place, pages: number): Part[] {
    const start = this.plan.addressOf(at);
    const found = new Map<number, Part>();
    for (let address = start; address < start + pages * PAGE; address += PAGE) {
      const slot = this.book.get(address);
      if (slot === undefined) this.say('pages without a capability are passed over');
      else if (!found.has(slot)) found.set(slot, { slot, address });
    }
    return [...found.values()];
  }

  private unmap({ at, pages, of }: Extract<Action, { kind: 'unmap' }>): Outcome {
    const start = this.plan.addressOf(at);
    const parts =
      of === null
        ? this.partsIn(at, pages)
        : (this.objects.get(of.name) ?? [])
            .slice(of.page, of.page + pages)
            .map((slot, i) => ({ slot, address: start + i * PAGE }));
    if (this.batcher !== null && parts.length > 0) {
      const slots = Int32Array.from(parts, ({ slot }) => slot);
      const batch = { form: 'list', kind: Batched.unmap, count: slots.length, slots } as const;
      const { index, outcome } = this.batcher.run(batch, { mode: Atomicity.atomic });
      return this.ended(outcome, parts[index]);
    }
    return this.each(parts, ({ slot }) => {
      const { outcome, cleared } = this.client.unmap(slot);
      if (!cleared && outcome === DONE) this.say(`the unmap of ${this.nameOf(slot)} cleared nothing`);
      return outcome;
    });
  }

  private protect({ at, pages, rights }: Extract<Action, { kind: 'protect' }>): Outcome {
    this.say('by a remap of each page');
    this.rights = rights;
    const parts = this.partsIn(at, pages).filter(({ slot }) => this.client.recorded(slot) !== null);
    return this.each(parts, ({ slot }) => this.client.map(slot, this.client.recorded(slot) ?? 0, rights));
  }

  private move({ from, pages, to }: Extract<Action, { kind: 'move' }>): Outcome {
    this.say('by an unmap and a map of each page');
    const distance = this.plan.addressOf(to) - this.plan.addressOf(from);
    return this.each(this.partsIn(from, pages), ({ slot, address }) => {
      this.rights = this.recorder.rightsAt(0, address) ?? 'rw';
      const { outcome } = this.client.unmap(slot);
      if (outcome !== DONE) return outcome;
      const target = address + distance;
      const tables = this.client.ensureTables(slot, target);
      const mapped = tables === DONE ? this.client.map(slot, target, this.rights) : tables;
      if (mapped === DONE) this.book.set(target, slot);
      return mapped;
    });
  }

  private touch({ at, access }: Extract<Action, { kind: 'touch' }>): Outcome {
    const address = this.plan.addressOf(at);
    const rights = this.recorder.rightsAt(0, address);
    const allowed = rights !== null && rights !== '' && (rights.includes(access) || this.executes(access));
    return allowed ? shown(this.recorder.at(0, address)) : refused('VM fault');
  }

  private executes(access: 'r' | 'w' | 'x'): boolean {
    return access === 'x' && this.client.executesAll;
  }

  private copy({ name, as }: Extract<Action, { kind: 'copy' }>): Outcome {
    const { slots, outcome } = this.client.copies(this.objects.get(name) ?? []);
    this.objects.set(as, slots);
    for (const [i, slot] of slots.entries()) this.names.set(slot, `${as}+${i}`);
    return this.ended(outcome, undefined);
  }

  private say(text: string): void {
    if (this.note === null) this.note = text;
    else if (!this.note.includes(text)) this.note += `; ${text}`;
  }

  private nameOf(slot: number): string {
    return this.names.get(slot) ?? `capability ${slot}`;
  }

  /** Tell the recorder what is different. */
  private record(before: readonly MappingRecord[], after: readonly MappingRecord[]): void {
    const keyOf = ({ start, end, object }: MappingRecord): string => `${start} ${end} ${object}`;
    const were = new Map(before.map((record) => [keyOf(record), record.protection]));
    const are = new Set(after.map(keyOf));
    for (const record of before)
      if (!are.has(keyOf(record))) this.recorder.gone(0, Number(record.start), Number(record.end));
    for (const record of after) {
      const [start, end, first] = [Number(record.start), Number(record.end), Number(record.object) / PAGE];
      const was = were.get(keyOf(record));
      if (was === record.protection) continue;
      if (was !== undefined) this.recorder.changed(0, start, end, this.rights);
      else
        this.recorder.appeared(0, start, end, this.rights, (address) => {
          const page = (address - start) / PAGE;
          return this.memory.get(first + page) ?? labelBehind('?+0', page);
        });
    }
  }

  /** Frame capabilities that are stale now, and were not before the step. */
  private newlyStale(): Consequence[] {
    const stale = new Set([...this.names.keys()].filter((slot) => this.client.isStale(slot)));
    const fresh = [...stale].filter((slot) => !this.stale.has(slot));
    this.stale = stale;
    if (fresh.length === 0) return [];
    return [{ kind: 'stale', count: fresh.length, text: `capability ${fresh.map((s) => this.nameOf(s)).join(', ')}` }];
  }
}

/** Defaults: the representative architecture of seL4, and others where they answer differently. */
const DEFAULT_ARCH: ArchName = 'aarch64';

/** seL4 under a policy on an architecture; `batched` is strict with batches that are done whole or not at all. */
export function sel4System(policy: PolicyName | 'batched', arch: ArchName = DEFAULT_ARCH): SystemUnderPolicy {
  const on = arch === DEFAULT_ARCH ? '' : `@${arch}`;
  const [rule, invocations] = policy === 'batched' ? (['strict', 'batched'] as const) : ([policy, 'single'] as const);
  return {
    family: 'sel4',
    policy: `${policy}${on}`,
    name: `sel4-${policy}${on}`,
    start: () => new Sel4(arch, rule, invocations),
  };
}

/** Those that run unless others are chosen. */
export const SEL4: readonly SystemUnderPolicy[] = [
  sel4System('legacy'),
  sel4System('legacy', 'x86_64'),
  sel4System('legacy', 'riscv64'),
  sel4System('strict'),
  sel4System('exact'),
  sel4System('permissive'),
  sel4System('batched'),
];
