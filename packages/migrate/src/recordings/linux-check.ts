import { AddressSpace, Errno, errnoName, type LinuxCall, LinuxColumns, MapFlag, runCall } from '@overmap/core';
import type { LineRecord, Problem } from '@overmap/trace';
import { LinuxContents } from './linux-contents.ts';
import { type LinuxHeader, linuxHeader } from './linux-header.ts';
import { listMaps, type MapRow, mapRow, rowsMissing, seedMaps } from './linux-maps.ts';
import { callOf, listOf, orProblem, pageOf, textOf, wordOf } from './linux-record.ts';
import type {
  RecordDiverged,
  RecordingCheck,
  RecordingCheckMaker,
  RecordingCounts,
  RecordPlace,
} from './recording-check.ts';

/** Pages below the addresses that no map of a process reaches: the page of vsyscalls lies above. */
const USER_PAGES = 2 ** 35;

/** Compares recordings of mmap, munmap, mprotect and mremap on a live Linux with the model. */
export const linuxCheck: RecordingCheckMaker = (diverged) => new LinuxCheck(diverged);

class LinuxCheck implements RecordingCheck {
  readonly wideIntegers = true;
  private readonly diverged: RecordDiverged | null;
  private readonly calls = new LinuxColumns();
  private events = 0;
  private states = 0;
  private readonly skipped: Record<string, number> = {};
  private about: LinuxHeader = linuxHeader({});
  private space = new AddressSpace();
  private contents: LinuxContents;
  private readonly files = new Map<string, number>();
  /** Rows of the first state that lie above user space: nothing changes them. */
  private gates: MapRow[] = [];
  /** Where the kernel chose an address outside of the arena, and where the model did: by the kernel's. */
  private readonly strays = new Map<string, number>();

  constructor(diverged: RecordDiverged | null) {
    this.diverged = diverged;
    this.contents = this.newContents();
  }

  header(header: LineRecord): Problem | undefined {
    const about = orProblem(() => linuxHeader(header));
    if ('expected' in about) return about;
    this.about = about;
    this.space = new AddressSpace(about.config);
    for (const file of about.files) this.files.set(file.name, this.space.open(file));
    this.contents = this.newContents();
    return undefined;
  }

  record(record: LineRecord, place: RecordPlace): Problem | undefined {
    const problem = orProblem(() => this.run(record, place));
    return problem === null ? undefined : problem;
  }

  end(): RecordingCounts {
    return { events: this.events, states: this.states, skipped: this.skipped };
  }

  private newContents(): LinuxContents {
    const { tagged, executeOnly } = this.about;
    const initial = (name: string, page: number): number => {
      const file = /^file:(\d+)$/.exec(name);
      return tagged && file !== null ? (Number(file[1]) + 1) * 1e9 + page : 0;
    };
    const contents = new LinuxContents(this.space, initial, executeOnly);
    this.space.sink = contents;
    return contents;
  }

  private run(record: LineRecord, place: RecordPlace): null {
    const { op } = record;
    if (op === 'mark') return null;
    if (op === 'state') this.state(record, place);
    else if (op === 'tags') this.tags(record, place);
    else {
      const call = callOf(record, (name) => this.files.get(name));
      if (call === undefined) this.skip(`other: ${typeof op === 'string' ? op : 'no operation'}`);
      else this.call(call, record, place);
    }
    return null;
  }

  private skip(kind: string): void {
    this.events++;
    this.skipped[kind] = (this.skipped[kind] ?? 0) + 1;
  }

  private call(call: LinuxCall, record: LineRecord, place: RecordPlace): void {
    const expected = textOf(record['ret'], 'ret');
    const tag = call.op === 'touch' ? Number(wordOf(record['tag'], 'tag')) : 0;
    this.events++;
    // What the kernel put elsewhere is taken away from where the model put it.
    const stray = record['auto'] === true ? this.strays.get(textOf(record['addr'], 'addr')) : undefined;
    this.calls.set(0, call);
    if (stray !== undefined) this.calls.addrPage[0] = stray;
    const { space } = this;
    const error = runCall(space, this.calls, 0);
    if (error === Errno.OK) {
      if (call.op === 'touch') this.contents.write(this.calls.addrPage[0], tag);
      else if (call.op === 'mmap') this.nameShared(call.flags, record);
    }
    if (record['outside'] === true && error === Errno.OK && !this.inArena(space.at)) {
      this.strays.set(expected, space.at);
      return;
    }
    const places = call.op === 'mmap' || call.op === 'mremap';
    const actual = error === Errno.OK && places ? `0x${(BigInt(space.at) << 12n).toString(16)}` : errnoName(error);
    const same =
      /^0x/i.test(expected) && error === Errno.OK ? BigInt(expected) === BigInt(actual) : expected === actual;
    if (!same) this.diverged?.(place, 'ret', expected, actual);
  }

  /** Shared anonymous memory is named by the recording, in the order in which it was asked for. */
  private nameShared(flags: number, record: LineRecord): void {
    const shared = MapFlag.SHARED | MapFlag.ANONYMOUS;
    const file = this.space.files.get(this.space.lastFile);
    if ((flags & shared) !== shared || file === undefined) return;
    this.space.files.set(this.space.lastFile, { ...file, name: textOf(record['backing'], 'backing') });
  }

  private inArena(page: number): boolean {
    const { arena } = this.about;
    return arena === null || (page >= arena.start && page < arena.end);
  }

  private state(record: LineRecord, place: RecordPlace): void {
    const rows = listOf(record['maps'], 'maps').map(mapRow);
    this.states++;
    if (this.events === 0 && this.states === 1) {
      const isGate = ([start]: MapRow): boolean => BigInt(start) >> 12n >= USER_PAGES;
      this.gates = rows.filter(isGate);
      seedMaps(
        this.space,
        rows.filter((row) => !isGate(row)),
      );
    }
    if (this.diverged === null) return;
    const { start, end } = this.about.arena ?? { start: 0, end: USER_PAGES };
    const maps = [...listMaps(this.space, start, end), ...this.gates];
    if (JSON.stringify(maps) !== JSON.stringify(rows)) {
      this.diverged(place, 'maps', rowsMissing(rows, maps), rowsMissing(maps, rows));
    }
  }

  private tags(record: LineRecord, place: RecordPlace): void {
    const recorded = listOf(record['pages'], 'pages').map((value) => {
      const [addr, tag] = listOf(value, 'pages');
      return [pageOf(addr, 'pages'), Number(wordOf(tag, 'pages'))] as const;
    });
    this.events++;
    if (this.diverged === null) return;
    const { start, end } = this.about.arena ?? { start: 0, end: USER_PAGES };
    const tags = this.contents.tags(start, end);
    if (JSON.stringify(tags) === JSON.stringify(recorded)) return;
    const shown = (rows: readonly (readonly [number, number])[]): [string, number][] =>
      rows.map(([page, tag]) => [`0x${(BigInt(page) << 12n).toString(16)}`, tag]);
    this.diverged(place, 'pages', shown(rowsMissing(recorded, tags)), shown(rowsMissing(tags, recorded)));
  }
}
