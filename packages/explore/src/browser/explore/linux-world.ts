import { CALL_KEYS, CALL_NAMES, type LinuxHead } from '../../page-format/explore/page-data.ts';
import { readTable } from '../../page-format/explore/sections.ts';
import { LifeIndex } from './life-index.ts';
import type { Answer, Capabilities, Fact, MemoryLine, Moment, World } from './moment.ts';
import { bytesText, counted, grouped, hex } from './words.ts';

const PAGE = 4096;
const roundUp = (length: number): number => Math.ceil(length / PAGE) * PAGE;
/** Bits of mmap's and mremap's flags; Linux on x86 and Arm. */
const FIXED = 0x10;
const FIXED_NOREPLACE = 0x100000;
const MREMAP_FIXED = 2;
/** Mappings on each side of the call's place that are shown one by one. */
const NEAR = 6;

const PROT = ['PROT_READ', 'PROT_WRITE', 'PROT_EXEC'] as const;
const MAP_FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [0x1, 'MAP_SHARED'],
  [0x2, 'MAP_PRIVATE'],
  [FIXED, 'MAP_FIXED'],
  [0x20, 'MAP_ANONYMOUS'],
  [0x100, 'MAP_GROWSDOWN'],
  [0x4000, 'MAP_NORESERVE'],
  [FIXED_NOREPLACE, 'MAP_FIXED_NOREPLACE'],
];

/**
 * An strace log: the memory at each call comes of the lives of mappings that the audit has followed, and what
 * MAP_FIXED_NOREPLACE would answer of what is there.
 */
export class LinuxWorld implements World {
  readonly head: LinuxHead;
  readonly lives: LifeIndex;
  readonly staleSpans = [];
  readonly gaps = [];
  /** Rows by event; and by address space those of mprotect calls that succeeded. */
  private readonly rows: Map<number, number> = new Map();
  private readonly protects: Map<number, number[]> = new Map();
  private readonly calls: Readonly<Record<(typeof CALL_KEYS)[number], Float64Array>>;

  constructor(head: LinuxHead, sections: readonly Uint8Array[]) {
    const [calls, lives] = sections;
    this.head = head;
    this.calls = readTable(CALL_KEYS, calls ?? new Uint8Array(0));
    this.lives = new LifeIndex(head, lives ?? new Uint8Array(0));
    this.calls.event.forEach((event, step) => {
      this.rows.set(event, step);
      if (this.name(step) !== 'mprotect' || this.calls.ok[step] !== 1) return;
      const space = this.calls.space[step] ?? 0;
      const list = this.protects.get(space);
      if (list === undefined) this.protects.set(space, [step]);
      else list.push(step);
    });
  }

  get steps(): number {
    return this.calls.event.length;
  }

  eventOf(step: number): number {
    return this.calls.event[step] ?? 0;
  }

  /** Calls stand in the order in which they took effect; their numbers are those in which they were entered. */
  stepOf(event: number): number {
    const exact = this.calls.event.indexOf(event);
    if (exact >= 0) return exact;
    const next = this.calls.event.findIndex((other) => other > event);
    return next < 0 ? Math.max(0, this.steps - 1) : next;
  }

  capabilities(): Capabilities {
    return { total: 0, stale: 0, chosen: 0, lines: [] };
  }

  async prepare(): Promise<void> {}

  moment(step: number): Moment {
    const { calls } = this;
    const event = this.eventOf(step);
    const space = calls.space[step] ?? 0;
    const { start, length } = this.placeOf(step);
    const ok = calls.ok[step] === 1;
    const { answers, about } = this.answersOf(step);
    return {
      step,
      event,
      line: calls.line[step] ?? 0,
      within: this.head.spaces.find(({ number }) => number === space)?.name ?? '',
      title: this.title(step),
      facts: this.facts(step),
      recorded: { says: ok ? this.resultOf(step) : this.text('error', step) || 'no result', ok },
      remark: '',
      answersAbout: about,
      answers,
      effects: this.effects(space, event),
      place: { space, start, length },
      memoryTitle: `Mappings of ${this.head.spaces.find(({ number }) => number === space)?.name ?? 'the process'}`,
      memory: this.memory(space, event, start, start + length),
      bits: [],
      hasCapabilities: false,
    };
  }

  private text(key: 'error' | 'what', step: number): string {
    return this.lives.text(this.calls[key][step] ?? 0);
  }

  private name(step: number): string {
    return CALL_NAMES[this.calls.kind[step] ?? 0] ?? 'call';
  }

  /** Where the call is: what it got, or what it named. */
  private placeOf(step: number): { start: number; length: number } {
    const { calls } = this;
    const kind = this.name(step);
    const ok = calls.ok[step] === 1;
    if (kind === 'mmap')
      return { start: ok ? calls.result[step] : calls.address[step], length: roundUp(calls.length[step]) };
    if (kind === 'mremap' && ok) return { start: calls.result[step], length: roundUp(calls.newLength[step]) };
    if (kind === 'munmap' || kind === 'mprotect' || kind === 'mremap')
      return { start: calls.address[step], length: roundUp(calls.length[step]) };
    return { start: 0, length: 0 };
  }

  private title(step: number): string {
    const { calls } = this;
    const kind = this.name(step);
    const size = bytesText(roundUp(calls.length[step]));
    const at = hex(calls.address[step]);
    switch (kind) {
      case 'mmap': {
        const what = this.text('what', step) === 'anonymous' ? 'anonymous memory' : this.text('what', step);
        return `mmap: ${size} of ${what}${calls.address[step] === 0 ? '' : ` at ${at}`}`;
      }
      case 'mremap':
        return `mremap: ${size} at ${at} to ${bytesText(roundUp(calls.newLength[step]))}`;
      case 'brk':
        return calls.address[step] === 0 ? 'brk: where does the heap end?' : `brk: the heap ends at ${at}`;
      case 'execve':
        return `execve: ${this.text('what', step)}`;
      case 'clone':
        return 'clone or fork';
      default:
        return `${kind}: ${size} at ${at}`;
    }
  }

  private facts(step: number): Fact[] {
    const { calls } = this;
    const kind = this.name(step);
    const facts: Fact[] = [{ label: 'thread', value: calls.pid[step] > 0 ? String(calls.pid[step]) : 'not named' }];
    if (kind === 'mmap' || kind === 'mprotect') facts.push({ label: 'protection', value: protText(calls.prot[step]) });
    if (kind === 'mmap') facts.push({ label: 'flags', value: flagText(calls.flags[step]) });
    if (kind === 'mmap' || kind === 'munmap' || kind === 'mprotect')
      facts.push({ label: 'length asked for', value: counted(calls.length[step], 'byte') });
    return facts;
  }

  private resultOf(step: number): string {
    const kind = this.name(step);
    const result = this.calls.result[step];
    return kind === 'mmap' || kind === 'mremap' || kind === 'brk'
      ? hex(result)
      : kind === 'clone'
        ? `process ${result}`
        : 'ok';
  }

  /** What is in the way of a call that names its place. */
  private answersOf(step: number): { answers: Answer[]; about: string } {
    const { calls } = this;
    const kind = this.name(step);
    const flags = calls.flags[step];
    const ok = calls.ok[step] === 1;
    const noReplace = kind === 'mmap' && (flags & FIXED_NOREPLACE) !== 0;
    const fixed =
      (kind === 'mmap' && (flags & FIXED) !== 0 && !noReplace) || (kind === 'mremap' && (flags & MREMAP_FIXED) !== 0);
    if (!fixed || !ok) {
      const about = noReplace
        ? 'The call says MAP_FIXED_NOREPLACE itself.'
        : 'The call does not put something at a fixed place over what is there: there is nothing to choose.';
      return { answers: [], about };
    }
    const { start, length } = this.placeOf(step);
    const there = this.lives.alive(calls.space[step], start, start + length, this.eventOf(step), false);
    const recorded = this.resultOf(step);
    const { table } = this.lives;
    const held = there.map((n) => {
      const bytes = Math.min(start + length, table.start[n] + table.length[n]) - Math.max(start, table.start[n]);
      return `${bytesText(bytes)} of ${this.lives.text(table.what[n])}, mapped by event ${grouped(table.from[n])}`;
    });
    const about =
      held.length === 0
        ? 'The log shows nothing at the place. What execve mapped itself is in no log.'
        : `The place holds ${held.slice(0, 3).join('; ')}${held.length > 3 ? `; and ${held.length - 3} more` : ''}.`;
    const refused = held.length > 0;
    const mapping = kind === 'mmap';
    return {
      about,
      answers: [
        { who: mapping ? 'MAP_FIXED' : 'MREMAP_FIXED', says: recorded, ok: true, differs: false },
        {
          who: mapping ? 'MAP_FIXED_NOREPLACE' : 'if it could not replace',
          says: refused ? 'EEXIST' : recorded,
          ok: !refused,
          differs: refused,
        },
      ],
    };
  }

  private effects(space: number, event: number): string[] {
    const { table } = this.lives;
    const said: string[] = [];
    for (const n of this.lives.bySpace.get(space) ?? []) {
      const where = `${bytesText(table.length[n])} at ${hex(table.start[n])} (${this.lives.text(table.what[n])})`;
      const how = this.lives.how(n);
      if (table.to[n] === event && how !== 'alive') said.push(`${ENDED[how] ?? 'Ended'}: ${where}`);
      if (table.from[n] === event) said.push(`Appeared: ${where}`);
    }
    return said.length > 12 ? [...said.slice(0, 12), `and ${said.length - 12} more`] : said;
  }

  /**
   * The access of a mapping after a call: what its mmap asked for, or the last mprotect since. Where neither is in the page
   * (it was inherited, or the call left out), it is that at its end.
   */
  private accessAfter(n: number, space: number, event: number): string {
    const { calls } = this;
    const { table } = this.lives;
    const atEnd = this.lives.text(table.access[n]);
    const row = this.rows.get(table.from[n]);
    let prot = row !== undefined && this.name(row) === 'mmap' ? calls.prot[row] : -1;
    const protects = this.protects.get(space) ?? [];
    for (let i = protects.length - 1; i >= 0; i--) {
      const step = protects[i] ?? 0;
      if (calls.event[step] > event) continue;
      if (calls.event[step] < table.from[n]) break;
      const end = calls.address[step] + roundUp(calls.length[step]);
      if (calls.address[step] > table.start[n] || end < table.start[n] + table.length[n]) continue;
      prot = calls.prot[step];
      break;
    }
    const shared = atEnd.endsWith('s') ? 's' : '';
    return prot < 0
      ? atEnd
      : `${['r', 'w', 'x'].map((letter, bit) => ((prot & (1 << bit)) === 0 ? '-' : letter)).join('')}${shared}`;
  }

  /** The mappings after the call, those near its place one by one. */
  private memory(space: number, event: number, start: number, end: number): MemoryLine[] {
    const { table } = this.lives;
    const there = this.lives.alive(space, 0, Number.POSITIVE_INFINITY, event, true);
    const touched = (n: number): boolean => table.start[n] < end && table.start[n] + table.length[n] > start;
    let first = there.findIndex(touched);
    if (first < 0) first = there.findIndex((n) => table.start[n] >= start);
    if (first < 0) first = there.length;
    const last = there.findLastIndex(touched);
    const line = (n: number): MemoryLine => ({
      start: table.start[n],
      bytes: table.length[n],
      pageBytes: PAGE,
      kind: 'pages',
      what: `${bytesText(table.length[n])}, ${this.accessAfter(n, space, event)}`,
      detail: this.lives.text(table.what[n]),
      change: table.from[n] === event ? 'mapped by this call' : '',
      touched: touched(n),
      children: [],
    });
    const fold = (from: number, to: number): MemoryLine[] => {
      const all = there.slice(from, to).map(line);
      const [lowest] = all;
      const highest = all.at(-1);
      if (lowest === undefined || highest === undefined || all.length < 3) return all;
      const bytes = highest.start + highest.bytes - lowest.start;
      const detail = `${counted(all.length, 'mapping')}, ${bytesText(all.reduce((sum, one) => sum + one.bytes, 0))} in all`;
      return [
        {
          start: lowest.start,
          bytes,
          pageBytes: 0,
          kind: 'table',
          what: '',
          detail,
          change: '',
          touched: false,
          children: all,
        },
      ];
    };
    const low = Math.max(0, first - NEAR);
    const high = Math.min(there.length, Math.max(first, last) + NEAR + 1);
    return [...fold(0, low), ...there.slice(low, high).map(line), ...fold(high, there.length)];
  }
}

const ENDED: Readonly<Record<string, string>> = {
  unmapped: 'Unmapped',
  replaced: 'Replaced',
  moved: 'Moved away',
  gone: 'Gone with its address space',
};

const protText = (prot: number): string =>
  PROT.filter((_, bit) => (prot & (1 << bit)) !== 0).join(' | ') || 'PROT_NONE';

const flagText = (flags: number): string =>
  MAP_FLAGS.filter(([bit]) => (flags & bit) !== 0)
    .map(([, name]) => name)
    .join(' | ');
