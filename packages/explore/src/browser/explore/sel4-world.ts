import {
  ASID,
  CAP_WORDS,
  CapType,
  check,
  checkMap,
  Flag,
  isStale,
  Meeting,
  OBJECT,
  OK,
  Op,
  POLICIES,
  SIZE_MASK,
  SIZE_SHIFT,
  sayOutcome,
  TYPE_MASK,
  VADDR_HI,
  VADDR_LO,
} from '@overmap/core';
import type { Sel4Head } from '../../page-format/explore/page-data.ts';
import { EffectLog } from './effect-log.ts';
import { LifeIndex, readStale, type StaleSpan } from './life-index.ts';
import type {
  Answer,
  Capabilities,
  CapabilityChoice,
  CapabilityLine,
  Fact,
  Gap,
  MemoryLine,
  Moment,
  Place,
  World,
} from './moment.ts';
import { frameText, Sel4Memory } from './sel4-memory.ts';
import { Sel4Replay } from './sel4-replay.ts';
import { Sel4Words } from './sel4-words.ts';
import { bytesText, grouped, hex, wide } from './words.ts';

/** Rows that are followed before the browser gets its turn. */
const SLICE = 5000;
const NOWHERE: Place = { space: 0, start: 0, length: 0 };

/** What an event finds: evaluated before it is performed. */
interface Before {
  /** ASID and root of the address space that it is about; 0 = none. */
  readonly asid: number;
  readonly root: number;
  /** Address that it is about; -1 = none. */
  readonly vaddr: number;
  readonly bytes: number;
  readonly title: string;
  readonly facts: readonly Fact[];
  readonly answers: readonly Answer[];
  readonly answersAbout: string;
}

type AsidSpaces = Map<number, readonly { readonly number: number; readonly from: number; readonly to: number }[]>;

/** An seL4 trace: the engine runs in the page. */
export class Sel4World implements World {
  readonly head: Sel4Head;
  readonly lives: LifeIndex;
  readonly staleSpans: readonly StaleSpan[];
  readonly gaps: readonly Gap[];
  readonly replay: Sel4Replay;
  private readonly words: Sel4Words;
  /** The event that was asked for last, and the ASID that it is about. */
  private at = { step: 0, asid: 0 };
  /** By ASID the numbers of the address spaces that had it, with the events between which they had mappings. */
  private readonly spaces: AsidSpaces;

  constructor(head: Sel4Head, sections: readonly Uint8Array[]) {
    const [rows, lives, stale, jumps] = sections;
    const none = new Uint8Array(0);
    this.head = head;
    this.replay = new Sel4Replay(head, rows ?? none, jumps ?? none);
    this.lives = new LifeIndex(head, lives ?? none);
    this.staleSpans = readStale(stale ?? none);
    this.words = new Sel4Words(head, this.replay.follower.kernel);
    this.spaces = spacesByAsid(head, this.lives);
    this.gaps = this.migrationGaps();
  }

  get steps(): number {
    return this.replay.rows;
  }

  eventOf(step: number): number {
    return this.replay.columns.event[step] ?? 0;
  }

  stepOf(event: number): number {
    const { event: events } = this.replay.columns;
    let low = 0;
    let high = this.steps - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (events[middle] < event) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  async prepare(pause: () => Promise<void>): Promise<void> {
    for (let row = 0; row < this.steps; row += SLICE) {
      this.replay.seek(row);
      await pause();
    }
  }

  moment(step: number): Moment {
    const { replay } = this;
    const { columns, follower } = replay;
    const k = follower.kernel;
    replay.seek(step);
    const before = this.before(step);
    const effects = new EffectLog(k);
    k.sink = effects;
    const met = replay.step();
    k.sink = null;
    this.at = { step, asid: before.asid };
    const event = this.eventOf(step);
    const space = this.spaceOf(before.asid, event);
    const place = before.vaddr < 0 ? { ...NOWHERE, space } : { space, start: before.vaddr, length: before.bytes };
    const memory = new Sel4Memory(k, effects, before.vaddr);
    const lines: readonly MemoryLine[] = before.root === 0 ? [] : memory.below(before.root);
    const outcome = columns.outcome[step];
    const bare = (columns.flags[step] & Flag.bareError) !== 0;
    return {
      step,
      event,
      line: columns.line[step],
      within: this.testAt(step),
      title: before.title,
      facts: before.facts,
      recorded: { says: bare ? sayOutcome(outcome).replace(/ .*/, '') : sayOutcome(outcome), ok: outcome === OK },
      remark: remarkOf(met.meeting, met.answer, outcome),
      answersAbout: before.answersAbout,
      answers: before.answers,
      effects: effects.say(),
      place,
      memoryTitle: before.root === 0 ? '' : `Page tables of ${this.spaceName(space, before.asid)}`,
      memory: lines,
      bits: memory.bits,
      hasCapabilities: true,
    };
  }

  private before(step: number): Before {
    const { columns, follower } = this.replay;
    const k = follower.kernel;
    const op = columns.op[step];
    const slot = Math.max(columns.cap[step], columns.vspace[step], columns.src[step]);
    if (slot >= k.slotLimit) k.growSlots(slot);
    const title = this.words.title(columns, step);
    const facts = this.words.facts(columns, step);
    const c = columns.cap[step] * CAP_WORDS;
    const named = op === Op.map || op === Op.map_table || op === Op.assign || op === Op.state;
    const asid = k.caps[(named ? columns.vspace[step] * CAP_WORDS : c) + ASID];
    const hasAddress = (k.caps[c] & TYPE_MASK) === CapType.frame || (k.caps[c] & TYPE_MASK) === CapType.table;
    const addressed = op === Op.map || op === Op.map_table;
    const vaddr = addressed
      ? wide(columns.vaddrHi[step], columns.vaddrLo[step])
      : hasAddress && asid !== 0
        ? wide(k.caps[c + VADDR_HI], k.caps[c + VADDR_LO])
        : -1;
    const isFrame = (k.caps[c] & TYPE_MASK) === CapType.frame;
    const bytes = isFrame ? 2 ** k.sizeBits[(k.caps[c] >> SIZE_SHIFT) & SIZE_MASK] : 2 ** k.shift[k.lastLevel];
    const root = op === Op.state ? this.rootOfSlot(columns.vspace[step]) : asid === 0 ? 0 : k.rootOf(asid);
    const judged = op === Op.map ? this.mapAnswers(step) : { answers: [], about: this.whyNoAnswers(step) };
    return { asid, root, vaddr, bytes, title, facts, answers: judged.answers, answersAbout: judged.about };
  }

  /** What each policy answers to a map, on this very state. */
  private mapAnswers(step: number): { answers: Answer[]; about: string } {
    const { columns, follower } = this.replay;
    const k = follower.kernel;
    const c = columns.cap[step] * CAP_WORDS;
    const v = columns.vspace[step] * CAP_WORDS;
    const [hi, lo] = [columns.vaddrHi[step], columns.vaddrLo[step]];
    const recorded = columns.outcome[step];
    const answers = Object.entries(POLICIES).map(([who, policy]): Answer => {
      const says = checkMap(k, c, v, hi, lo, policy);
      return { who, says: sayOutcome(says), ok: says === OK, differs: recorded >= 0 && says !== recorded };
    });
    // Whoever lets it through has resolved the place.
    const resolved = checkMap(k, c, v, hi, lo, POLICIES.permissive) === OK;
    return { answers, about: resolved ? this.holds(c, hi, lo, columns.event[step], k.caps[v + ASID]) : '' };
  }

  /** What the place of a map holds before it; the kernel's `at` is that place. */
  private holds(c: number, hi: number, lo: number, event: number, asid: number): string {
    const k = this.replay.follower.kernel;
    const link = k.links[k.at];
    if (link >= 0) return 'The place is empty.';
    const size = -link - 1;
    const start = wide(hi, lo);
    const made = this.lives.alive(this.spaceOf(asid, event), start, start + 1, event, false)[0];
    const since = made === undefined ? '' : `, mapped by event ${grouped(this.lives.table.from[made] ?? 0)}`;
    const own = wide(k.caps[c + 5], k.caps[c + OBJECT]);
    const frame = frameText(k, k.at, size);
    const same = frame === `frame ${hex(own)}` ? ': the frame that is to be mapped' : ': another frame';
    return `The place holds a page of ${bytesText(2 ** k.sizeBits[size])}, ${frame}${since}${same}.`;
  }

  private whyNoAnswers(step: number): string {
    const { columns, follower } = this.replay;
    const op = columns.op[step];
    if (op === Op.mark || op === Op.state || op === Op.other || op === Op.batch) return 'This is no invocation.';
    const says = sayOutcome(check(follower.kernel, columns, step, POLICIES[this.head.from]));
    return `The policies differ in what page maps answer, and in nothing else: all of them answer ${says}.`;
  }

  capabilities(choice: CapabilityChoice, most: number): Capabilities {
    const { columns, follower } = this.replay;
    const { step, asid } = this.at;
    const k = follower.kernel;
    const touched = new Set([columns.cap[step], ...(columns.op[step] === Op.mark ? [] : [columns.src[step]])]);
    let total = 0;
    const staleSlots: number[] = [];
    const others: number[] = [];
    const first: number[] = [];
    for (let slot = 1; slot < k.slotLimit; slot++) {
      const c = slot * CAP_WORDS;
      const type = k.caps[c] & TYPE_MASK;
      if (type === CapType.empty) continue;
      total++;
      const stale = type === CapType.frame && k.caps[c + ASID] !== 0 && isStale(k, c);
      if (touched.has(slot)) first.push(slot);
      if (stale) staleSlots.push(slot);
      else if (choice === 'all' || (choice === 'here' && asid !== 0 && k.caps[c + ASID] === asid)) others.push(slot);
    }
    const isStaleSlot = new Set(staleSlots);
    const rest = [...staleSlots, ...others].filter((slot) => !touched.has(slot));
    const lines = [...first, ...rest].slice(0, most).map((slot): CapabilityLine => {
      const c = slot * CAP_WORDS;
      return {
        name: this.words.slot(slot),
        what: this.words.what(c),
        place: this.words.place(c),
        stale: isStaleSlot.has(slot),
        touched: touched.has(slot),
      };
    });
    return { total, stale: staleSlots.length, chosen: first.length + rest.length, lines };
  }

  private rootOfSlot(slot: number): number {
    const { caps } = this.replay.follower.kernel;
    const c = slot * CAP_WORDS;
    const type = caps[c] & TYPE_MASK;
    return type === CapType.vspace || type === CapType.table ? caps[c + OBJECT] : 0;
  }

  private spaceName(space: number, asid: number): string {
    return this.head.spaces.find(({ number }) => number === space)?.name ?? `ASID ${asid}`;
  }

  private spaceOf(asid: number, event: number): number {
    const all = this.spaces.get(asid) ?? [];
    const there = all.find(({ from, to }) => event >= from && event <= to);
    const next = there ?? all.find(({ from }) => from >= event) ?? all.at(-1);
    return next?.number ?? 0;
  }

  /** The test that a row belongs to: the last one whose mark said that it begins. */
  private testAt(step: number): string {
    const { columns } = this.replay;
    let first = 0;
    for (const window of this.head.windows) {
      const rows = window.last - window.first + 1;
      if (step < first + rows) {
        for (let row = step; row >= first; row--)
          if (columns.op[row] === Op.mark && (columns.flags[row] & Flag.markEnd) === 0)
            return this.words.name(columns.name[row]);
        return window.test ?? '';
      }
      first += rows;
    }
    return '';
  }

  /** Between an unmap that a migration put in and the next map of that place, the place is empty. */
  private migrationGaps(): Gap[] {
    const { columns } = this.replay;
    const edited = new Set<number>();
    for (let row = 0; row < columns.count; row++)
      if (columns.op[row] === Op.unmap && (columns.flags[row] & (Flag.inserted | Flag.moved)) !== 0)
        edited.add(columns.event[row]);
    if (edited.size === 0) return [];
    const { table } = this.lives;
    const gaps: Gap[] = [];
    table.to.forEach((to, n) => {
      if (!edited.has(to)) return;
      const [space, start, length] = [table.space[n], table.start[n], table.length[n]];
      const next = this.lives.nextFrom(space, start, start + length, to);
      if (next !== undefined) gaps.push({ space, start, length, from: to, to: next });
    });
    return gaps;
  }
}

function remarkOf(meeting: number, answer: number, recorded: number): string {
  switch (meeting) {
    case Meeting.assumed:
      return 'The trace never created something that this needs: it was assumed.';
    case Meeting.unknown:
      return `The trace does not tell enough to judge this: the model would answer ${sayOutcome(answer)}.`;
    case Meeting.diverged:
      return `The model answers ${sayOutcome(answer)}, and the recording ${sayOutcome(recorded)}: the state follows the recording.`;
    case Meeting.outside:
      return 'The answer depends on what traces leave out.';
    default:
      return '';
  }
}

function spacesByAsid(head: Sel4Head, lives: LifeIndex): AsidSpaces {
  const byAsid: AsidSpaces = new Map();
  for (const { number, name } of head.spaces) {
    const asid = Number(/\(ASID (\d+)\)$/.exec(name)?.[1] ?? 0);
    let from = Number.POSITIVE_INFINITY;
    let to = 0;
    for (const n of lives.bySpace.get(number) ?? []) {
      from = Math.min(from, lives.table.from[n]);
      to = Math.max(to, lives.table.to[n]);
    }
    byAsid.set(asid, [...(byAsid.get(asid) ?? []), { number, from, to }]);
  }
  for (const [asid, list] of byAsid)
    byAsid.set(
      asid,
      list.toSorted((a, b) => a.from - b.from),
    );
  return byAsid;
}
