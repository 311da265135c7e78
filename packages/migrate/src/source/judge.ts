import { givenBack, staysFresh } from './fresh-places.ts';
import { type DeadUnmap, deadUnmaps } from './dead-unmaps.ts';
import type { FuncModel } from './func-model.ts';
import { type JudgedPlace, type Judgement, LOST } from './judgement.ts';
import { leftBy, type LeftPlace } from './left-places.ts';
import { isFreshAddress, isFreshVspace, type MapCall, movesOn, roleOf } from './map-calls.ts';
import { type MapPair, mapPairs, placeOf } from './mapping-paths.ts';
import { bookedBefore } from './page-books.ts';
import { ONCE, prefixOf } from './prefix-loops.ts';

import { endsBetween, guardOf } from './scoped-mappings.ts';
import { comesRound } from './repeating-places.ts';
import { aloneInVspace, leavesUnseen } from './safe-places.ts';
import type { SiteVerdict } from './site.ts';
import { clearsByName, makesFrame, OLD_NAME } from './sinks.ts';
import { bare, type Expr, rootOf, show } from './tree.ts';
import { usedWindow } from './used-window.ts';
import { closes } from './wrappers.ts';

/** What is known about the rest of the tree. */
export interface Surroundings {
  /** A function of this name unmaps, deletes or revokes. */
  readonly clearing: (name: string) => boolean;
  /** The file of the function. */
  readonly file: string;
  /** The function of the file that has an offset. */
  readonly funcAt: (offset: number) => string | null;
  /** Types whose objects unmap when they go. */
  readonly guards: ReadonlySet<string>;
  /** What functions leave mapped at a place. */
  readonly left: (key: string) => readonly LeftPlace[];
}

/** Judges the map calls of one function. */
export class Judge {
  private readonly model: FuncModel;
  private readonly maps: readonly MapCall[];
  private readonly around: Surroundings;
  private readonly pairs: readonly MapPair[];

  constructor(model: FuncModel, maps: readonly MapCall[], around: Surroundings) {
    this.model = model;
    this.maps = maps;
    this.around = around;
    this.pairs = mapPairs(model, maps, around.clearing).filter((pair) => !endsBetween(pair, model, around.guards));
  }

  /** Unmaps of a frame whose page another map of this function has taken. */
  deadUnmaps(): readonly DeadUnmap[] {
    return deadUnmaps(this.pairs, this.model);
  }

  of(map: MapCall): Judgement {
    const { sink, use, call } = map;
    const here = (what: string): JudgedPlace => ({ at: call.start, what });
    const say = (verdict: SiteVerdict, why: string, more: Partial<Judgement> = {}): Judgement => ({
      verdict,
      why,
      path: [here(this.what(map))],
      confidence: 'medium',
      earlier: null,
      ...more,
    });
    if (sink.kind === 'strict map')
      return say('already strict', `${sink.name} refuses an occupied entry on every kernel.`, { confidence: 'high' });
    if (use.use === 'expected to fail')
      return say('safe', 'The code expects this map to fail, and says with which error.');
    const answered = this.byAnswer(map, say);
    if (answered !== null) return answered;
    const pair = this.pairs.find(({ second, differs }) => second === map && differs);
    if (pair !== undefined) {
      const first: JudgedPlace = {
        at: pair.first.call.start,
        what: pair.loops ? 'an earlier round maps a frame here' : 'the earlier map of this address',
      };
      const why = pair.loops
        ? `Each round maps another frame at ${this.place(map)}, which does not move, and nothing unmaps the one before.`
        : `${this.place(map)} still holds ${pair.first.frame === null ? 'the frame of the map before it' : this.written(pair.first.frame, 'the earlier frame')}: nothing between the two maps unmaps, revokes or deletes that one.`;
      return say('relies', why, { path: [first, here('the map that takes its place')], earlier: pair.first });
    }
    if (comesRound(map, this.model, this.around.clearing)) {
      const why = `${this.place(map)} comes round again with another frame, and nothing in the loop unmaps the one before.`;
      return say('relies', why);
    }
    const again = this.again(map, say);
    if (again !== null) return again;
    const guard = guardOf(map, this.model, this.around.guards);
    const window = guard === null ? usedWindow(map, this.maps, this.model, this.place(map)) : null;
    if (window !== null) return say('relies', window);
    const swallowed = this.swallowed(map, say);
    if (swallowed !== null) return swallowed;
    if (use.copies) {
      return say(
        'changes behaviour',
        'InvalidCapability is taken to say that the capability is mapped already; a copy is mapped in its stead, and a stricter kernel answers otherwise.',
      );
    }
    if (use.probes) {
      return say(
        'changes behaviour',
        'The map is a probe that needs exactly FailedLookup; a kernel that answers DeleteFirst takes it the other way.',
      );
    }
    if (sink.kind === 'remap') {
      return say(
        'old API',
        `${sink.name} is gone since 11.0.0; its successor is Page_Map with the address of the mapping.`,
        { confidence: 'high' },
      );
    }
    const booked = bookedBefore(map, this.model);
    if (booked !== null) {
      const path = [
        { at: booked.start, what: 'the books say that it is mapped' },
        { at: map.call.start, what: 'the map, which can be refused' },
      ];
      const why = `${booked.name} has entered the page before the map, and nothing takes it out again when the map is refused: the books say that it is there.`;
      return say('swallows the error', why, { path });
    }
    const prefix = guard === null && !closes(this.model, map) ? prefixOf(map, this.model) : null;
    if (prefix !== null) return say(prefix.sure ? 'prefix left' : 'latent', prefix.why);
    return this.remapOrSafe(map, guard, say);
  }

  private byAnswer(map: MapCall, say: Say): Judgement | null {
    const { use, sink } = map;
    const test = use.test === null ? [] : [{ at: use.test.start, what: 'the test of its answer' }];
    const path = [{ at: map.call.start, what: 'the map' }, ...test];
    if (use.accepts.includes('DeleteFirst') && sink.answers !== false) {
      if (use.revives) {
        return say(
          'changes behaviour',
          'DeleteFirst has a branch of its own, for a page that is there already; a kernel that allows over-mapping has never run it, and has given the page to the last frame instead.',
          { path },
        );
      }
      return say(
        'DeleteFirst taken for success',
        'DeleteFirst passes for success here, although the frame was not mapped: another one is in its place.',
        { path },
      );
    }
    if (use.retries && use.use === 'any error retried') {
      return say(
        'any error taken for a missing table',
        'Whatever the error is, a page table is added and the map is repeated; DeleteFirst is no missing table.',
        { path },
      );
    }
    return null;
  }

  private swallowed(map: MapCall, say: Say): Judgement | null {
    const { use, sink } = map;
    if (!LOST.has(use.use) || sink.answers === false) return null;
    const how = {
      ignored: 'The answer of the map is dropped',
      'stored and not read': 'The answer of the map is kept and never read',
      printed: 'An error is printed, and the code goes on as if the frame were mapped',
    }[use.use as 'ignored'];
    const fresh = this.fresh(map);
    if (sink.fresh === true || fresh !== null) {
      const why = fresh === null ? '' : ` (${fresh})`;
      return say(
        'latent',
        `${how}; nothing should be at that address${why}, so that only a mistake elsewhere would show it.`,
      );
    }
    if (map.sink.kind === 'function pointer' && use.use === 'ignored' && sink.answers === undefined) return null;
    if (use.silent)
      return say(
        'swallows the error',
        'An error is printed or counted at most, and what comes back is the same with it and without: where a kernel refuses the map, nobody learns that the page is not there.',
      );
    return say('swallows the error', `${how}: where a kernel refuses it, the page is taken for mapped all the same.`);
  }

  private fresh(map: MapCall): string | null {
    const address = isFreshAddress(map, this.model);
    if (address !== null) return address;
    const vspace = isFreshVspace(map, this.model);
    return vspace === null ? null : `the vspace is made here, by ${vspace}`;
  }

  private again(map: MapCall, say: Say): Judgement | null {
    const pair = this.pairs.find(({ second, differs, loops }) => second === map && !differs && !loops);
    // Where it is not seen that the first one worked, nothing says what is there.
    if (pair === undefined || !SEEN.has(pair.first.use.use) || pair.first.use.retries) return null;
    return say(
      'remap',
      'The same capability is mapped at the same address again, which every kernel takes for a remap.',
      {
        path: [
          { at: pair.first.call.start, what: 'the first map' },
          { at: map.call.start, what: 'the same capability at the same address' },
        ],
        earlier: pair.first,
      },
    );
  }

  private remapOrSafe(map: MapCall, guard: string | null, say: Say): Judgement {
    const { sink, use } = map;
    const here = (what: string): JudgedPlace => ({ at: map.call.start, what });
    const heeded = HEEDED.has(use.use) || (use.use === 'failed lookup retried' && use.leaves);
    if (heeded && sink.kind !== 'function pointer') {
      const fresh = this.fresh(map);
      const sure =
        isFreshAddress(map, this.model) === null
          ? aloneInVspace(map, this.maps, this.model)
          : staysFresh(map, this.maps, this.model, this.around.funcAt);
      const back = sure && !closes(this.model, map) ? givenBack(map, this.model) : null;
      if (back !== null) {
        const path = [here('the map'), { at: back.start, what: 'its address is given back' }];
        const why = `${back.name} gives ${this.place(map)} back while the frame is still mapped there: whoever gets it next maps over this one.`;
        return say('latent', why, { path });
      }
      if (fresh !== null && sure && !this.inFixedLoop(map) && this.alone(map))
        return say('safe', `Nothing can be at that address: ${fresh}; and an error is seen.`);
      const undone =
        closes(this.model, map) && this.balanced(map) && !leavesUnseen(map, this.model, this.around.clearing);
      const before = undone ? leftBy(map, this.model, this.around.file, this.around) : null;
      if (before !== null) {
        const where = before.file === this.around.file ? `line ${before.line}` : `${before.file}:${before.line}`;
        const why = `It undoes its own mapping, but ${before.func} (${where}) leaves a frame at ${this.place(map)}: whether that one is unmapped before this call cannot be told.`;
        return say('cannot tell', why, { confidence: 'low' });
      }
      if (undone)
        return say(
          'safe',
          'The mapping is undone on every way out, as are all others at this address in this function; and an error is seen.',
        );
    }
    if (guard !== null) {
      const why = `An object of type ${guard} unmaps when it goes: whether it has gone before the next map of this place depends on who holds it.`;
      return say('cannot tell', why, { confidence: 'low' });
    }
    if (OLD_NAME.test(sink.name))
      return say('old API', `${sink.name} is an old name, which current kernels no longer have.`);
    const frame = roleOf(map.frame, this.model, 'frame');
    const place = map.vaddr === null ? sink.vaddr : roleOf(map.vaddr, this.model, 'place');
    const kept = this.keptPlace(map);
    if (
      kept !== null &&
      (frame?.from === 'arg' || this.makesFrame(map)) &&
      sink.closes !== true &&
      sink.clears !== true &&
      !this.clearsAny() &&
      !this.model.func.outside
    ) {
      return say(
        'latent',
        frame?.from === 'arg'
          ? `The frame comes from outside, the address ${kept} does not: a second call before an unmap takes the place of the first.`
          : `Each call maps a new frame, and always at ${kept}: a second call before an unmap takes the place of the first.`,
      );
    }
    const passes = frame?.from === 'arg' || place?.from === 'arg';
    const why = passes
      ? 'What is mapped, or where, is decided by the callers of this function'
      : 'Whether something is at that address already cannot be told from this function';
    const told = !heeded ? '' : use.use === 'asserted' ? '; an error ends the run' : '; an error is seen';
    return say('cannot tell', `${why}${told}.`, { confidence: 'low' });
  }

  /** The frame is a new one at each call. */
  private makesFrame({ frame, vspace, sink }: MapCall): boolean {
    const space = vspace === null ? sink.vspace : roleOf(vspace, this.model, 'place');
    return (
      frame !== null &&
      space?.from !== 'arg' &&
      space?.from !== 'own' &&
      !ONCE.test(this.model.func.name) &&
      this.model.sources(frame).some(({ name }) => makesFrame(name))
    );
  }

  /** No other map of the function, of another frame, has an address with a variable in common. */
  private alone(map: MapCall): boolean {
    const { model } = this;
    if (map.vaddr === null || map.sink.fresh === true) return true;
    const names = [...model.reaching(map.vaddr)].filter((name) => !/^[A-Z][A-Z\d_]*$/.test(name));
    const frame = map.frame === null ? null : model.norm(map.frame);
    return this.maps.every((other) => {
      if (other === map || other.vaddr === null) return true;
      if (frame !== null && other.frame !== null && model.norm(other.frame) === frame) return true;
      const theirs = model.reaching(other.vaddr);
      return !names.some((name) => theirs.has(name));
    });
  }

  /** All maps at this place are undone as well. */
  private balanced(map: MapCall): boolean {
    const place = placeOf(map, this.model);
    return (
      place !== null && this.maps.every((other) => placeOf(other, this.model) !== place || closes(this.model, other))
    );
  }

  private inFixedLoop(map: MapCall): boolean {
    const { loops } = map.step;
    const inner = loops.at(-1);
    if (inner === undefined || map.vaddr === null || map.sink.fresh === true) return false;
    const changes = this.model.graph.loops[inner]?.changes;
    return changes !== undefined && ![...this.model.names(map.vaddr)].some((name) => changes.has(name));
  }

  /** The place belongs to an object that outlives the call, or to nobody; null = it comes with the frame. */
  private keptPlace(map: MapCall): string | null {
    const { model } = this;
    const place = map.vaddr === null ? map.sink.vaddr : roleOf(map.vaddr, model, 'place');
    if (place === null || place.from === 'own') return null;
    if (place.from === 'fixed') return map.vaddr === null ? inHex(place.text) : this.written(map.vaddr);
    if (map.vaddr === null || movesOn(map, model)) return null;
    const at = bare(model.origin(map.vaddr));
    if (place.from === 'self') return inHex(show(at));
    const frame = map.frame === null ? null : rootOf(model.origin(map.frame));
    return at.k === 'field' && rootOf(at) !== frame ? inHex(show(at)) : null;
  }

  private clearsAny(): boolean {
    return this.model.calls.some(({ call }) => clearsByName(call.name) || this.around.clearing(call.name));
  }

  /** The place of a map as its author has written it. */
  private place(map: MapCall): string {
    if (map.vaddr !== null) return this.written(map.vaddr);
    if (map.sink.vaddr?.from === 'fixed') return inHex(map.sink.vaddr.text);
    return `the place of ${map.call.on === null ? 'the object' : this.written(map.call.on)}`;
  }

  private written({ start, end }: Expr, otherwise = 'the address'): string {
    const text = this.model.text.slice(start, end).replace(/\s+/g, ' ').trim();
    return text === '' || text.length > 60 ? otherwise : text;
  }

  private what(map: MapCall): string {
    return map.sink.chain.length > 1 ? `the call of ${map.sink.name}, which maps` : 'the map';
  }
}

/** Addresses in numbers, as kernel people write them. */
const inHex = (text: string): string =>
  text.replace(/(?<![\w.])\d{4,}(?!\w)/g, (digits) => `0x${BigInt(digits).toString(16)}`);

type Say = (verdict: SiteVerdict, why: string, more?: Partial<Judgement>) => Judgement;

/** An error is seen. */
const HEEDED: ReadonlySet<string> = new Set(['asserted', 'checked', 'returned']);

/** An error does not stay unnoticed by whoever runs it. */
const SEEN: ReadonlySet<string> = new Set([...HEEDED, 'printed']);
