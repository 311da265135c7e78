import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { AnswerMeaning } from './answer-value.ts';
import { FileAnalysis, type FileNews } from './file-analysis.ts';
import { loadParser, ParserMissingError } from './grammar.ts';
import { workerFile } from './own-package.ts';
import type { LeftPlace } from './left-places.ts';
import { SinkTable } from './sink-table.ts';
import type { SourceAnalysis, SourceSite, UnparsedFile } from './site.ts';
import { listSources, type SourceFile } from './source-files.ts';

/** Bytes of source below which workers cost more than they save. */
const WORTH_WORKERS = 1 << 20;
/** Rounds after which no new wrappers are looked for. */
const MOST_ROUNDS = 12;

/** How sources are analysed. */
export interface SourceOptions {
  /** Workers; as many as processors by default, none for a small tree. */
  readonly workers?: number;
  /** Work done so far, of all. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Polled between steps; true ends the analysis, and what is known so far is judged. */
  readonly stop?: () => boolean;
}

/** What a group of files can be asked. */
interface FileGroup {
  /** What the files add, given what the others have added. */
  scan(news: readonly FileNews[]): Promise<readonly FileNews[]>;
  judge(): Promise<GroupSites>;
  close(): Promise<void>;
}

/** What was found in a group of files. */
export interface GroupSites {
  readonly sites: readonly SourceSite[];
  readonly unparsed: readonly UnparsedFile[];
  readonly lines: number;
  /** Files with comments that suppress findings. */
  readonly marked: readonly string[];
}

/**
 * Finds and judges every call that maps in a tree of C, C++, Rust and Markdown.
 *
 * @param path - a file or a folder
 * @throws ParserMissingError when the native parsers cannot be loaded; what the file system says when the path cannot
 *   be read
 */
export async function analyseSource(path: string, options: SourceOptions = {}): Promise<SourceAnalysis> {
  const { files, skipped } = listSources(path);
  loadParser();
  const groups = groupsOf(files, options.workers);
  try {
    let news: FileNews[] = [];
    for (let round = 0; round < MOST_ROUNDS; round++) {
      options.onProgress?.(round + 1, MOST_ROUNDS + 1);
      const given = news;
      news = (await Promise.all(groups.map((group) => group.scan(given)))).flat();
      if (news.length === 0 || options.stop?.() === true) break;
    }
    const judged = await Promise.all(groups.map((group) => group.judge()));
    options.onProgress?.(MOST_ROUNDS + 1, MOST_ROUNDS + 1);
    const order = new Map(files.map((file, i) => [file.path, i]));
    const place = ({ file }: { readonly file: string }): number => order.get(file) ?? 0;
    return {
      files: files.length,
      lines: judged.reduce((sum, { lines }) => sum + lines, 0),
      sites: judged.flatMap(({ sites }) => sites).toSorted((a, b) => place(a) - place(b) || a.start - b.start),
      unparsed: judged.flatMap(({ unparsed }) => unparsed).toSorted((a, b) => place(a) - place(b)),
      skipped,
      marked: judged.flatMap(({ marked }) => marked).toSorted(),
    };
  } finally {
    await Promise.all(groups.map((group) => group.close()));
  }
}

/** The sites of one text, as if it were the only file. */
export function analyseText(path: string, kind: SourceFile['kind'], text: string): GroupSites {
  return new LocalGroup([new FileAnalysis(path, kind, text)]).all();
}

function groupsOf(files: readonly SourceFile[], wanted: number | undefined): FileGroup[] {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const entry = workerFile('source-worker.js');
  const many = wanted ?? (bytes < WORTH_WORKERS ? 0 : Math.min(availableParallelism(), 8));
  if (entry === null || many < 2) return [LocalGroup.read(files)];
  // Large files first, each to the group that has least.
  const shares = Array.from({ length: many }, () => ({ bytes: 0, files: [] as SourceFile[] }));
  for (const file of files.toSorted((a, b) => b.bytes - a.bytes)) {
    const least = shares.reduce((a, b) => (b.bytes < a.bytes ? b : a));
    least.files.push(file);
    least.bytes += file.bytes;
  }
  return shares.filter((share) => share.files.length > 0).map((share) => new WorkerGroup(entry, share.files));
}

/** Files that are analysed in this thread. */
export class LocalGroup implements FileGroup {
  private readonly files: readonly FileAnalysis[];
  private readonly table: SinkTable = new SinkTable();
  private readonly clearing: Set<string> = new Set();
  private readonly meanings: Map<string, AnswerMeaning> = new Map();
  private readonly guards: Set<string> = new Set();
  private readonly left: Map<string, LeftPlace[]> = new Map();
  private readonly failed: UnparsedFile[];

  constructor(files: readonly FileAnalysis[], failed: UnparsedFile[] = []) {
    this.files = files;
    this.failed = failed;
  }

  /** Reads files; those that cannot be read are said. */
  static read(files: readonly SourceFile[]): LocalGroup {
    const failed: UnparsedFile[] = [];
    const read = files.flatMap(({ path, kind }) => {
      try {
        return [new FileAnalysis(path, kind, readFileSync(path, 'utf8'))];
      } catch (error) {
        failed.push({ file: path, line: 0, why: error instanceof Error ? error.message : String(error) });
        return [];
      }
    });
    return new LocalGroup(read, failed);
  }

  scan(news: readonly FileNews[]): Promise<readonly FileNews[]> {
    return Promise.resolve(this.scanned(news));
  }

  private take(news: FileNews): FileNews {
    const { definitions, aliases, pointers, clearing, macros, makers, meanings, left, guards } = news;
    for (const name of clearing) this.clearing.add(name);
    for (const meaning of meanings) this.meanings.set(meaning.name, meaning);
    for (const name of guards) this.guards.add(name);
    const places = left.filter((place) => {
      const there = this.left.get(place.key) ?? [];
      if (there.some(({ file, start }) => file === place.file && start === place.start)) return false;
      this.left.set(place.key, [...there, place]);
      return true;
    });
    return {
      macros: macros.filter((macro) => this.table.macros.add(macro)),
      makers: makers.filter((maker) => this.table.make(maker)),
      definitions: definitions.filter((definition) => this.table.define(definition)),
      aliases: aliases.filter(({ name, of }) => this.table.alias(name, of)),
      pointers: pointers.filter((pointer) => this.table.point(pointer)),
      clearing: [],
      meanings: [],
      left: places,
      guards: [],
    };
  }

  private scanned(news: readonly FileNews[]): readonly FileNews[] {
    for (const each of news) this.take(each);
    const added: FileNews[] = [];
    // All files see the same table, however they are shared among workers.
    const all = this.files.map((file) => file.news(this.table));
    for (const found of all) {
      const fresh = this.take(found);
      const some =
        fresh.definitions.length +
          fresh.aliases.length +
          fresh.pointers.length +
          fresh.macros.length +
          fresh.makers.length +
          fresh.left.length +
          found.clearing.length +
          found.meanings.length +
          found.guards.length >
        0;
      // What clears is told with the first news.
      if (some) added.push({ ...fresh, clearing: found.clearing, meanings: found.meanings, guards: found.guards });
    }
    return added;
  }

  judge(): Promise<GroupSites> {
    return Promise.resolve(this.judged());
  }

  private judged(): GroupSites {
    const found = this.files.map((file) =>
      file.sites(this.table, {
        clearing: (name) => this.clearing.has(name),
        meanings: (name) => this.meanings.get(name) ?? null,
        left: (key) => this.left.get(key) ?? [],
        guards: this.guards,
      }),
    );
    return {
      sites: found.flatMap(({ sites }) => sites),
      unparsed: [...this.failed, ...found.flatMap(({ unparsed }) => (unparsed === null ? [] : [unparsed]))],
      lines: this.files.reduce((sum, { lines }) => sum + lines, 0),
      marked: this.files.flatMap(({ path }, i) => (found[i]?.marked === true ? [path] : [])),
    };
  }

  /** All rounds at once. */
  all(): GroupSites {
    for (let round = 0; round < MOST_ROUNDS; round++) if (this.scanned([]).length === 0) break;
    return this.judged();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** What a worker is asked. */
export type WorkerAsk = { readonly ask: 'scan'; readonly news: readonly FileNews[] } | { readonly ask: 'judge' };
/** What it answers. */
export type WorkerAnswer =
  | { readonly news: readonly FileNews[] }
  | { readonly judged: GroupSites }
  | { readonly error: string; readonly missing: boolean };

/** Files that a worker analyses. */
class WorkerGroup implements FileGroup {
  private readonly worker: Worker;

  constructor(entry: string, files: readonly SourceFile[]) {
    this.worker = new Worker(entry, { workerData: files });
  }

  private ask(ask: WorkerAsk): Promise<WorkerAnswer> {
    return new Promise((resolve, reject) => {
      const clean = (): void => {
        this.worker.off('message', answered);
        this.worker.off('error', failed);
      };
      const answered = (answer: WorkerAnswer): void => {
        clean();
        if ('error' in answer) reject(answer.missing ? new ParserMissingError(answer.error) : new Error(answer.error));
        else resolve(answer);
      };
      const failed = (error: Error): void => {
        clean();
        reject(error);
      };
      this.worker.on('message', answered);
      this.worker.on('error', failed);
      this.worker.postMessage(ask);
    });
  }

  async scan(news: readonly FileNews[]): Promise<readonly FileNews[]> {
    const answer = await this.ask({ ask: 'scan', news });
    return 'news' in answer ? answer.news : [];
  }

  async judge(): Promise<GroupSites> {
    const answer = await this.ask({ ask: 'judge' });
    return 'judged' in answer ? answer.judged : { sites: [], unparsed: [], lines: 0, marked: [] };
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }
}
