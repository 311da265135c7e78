import type { Consequence, Effect } from './answer.ts';
import { PAGE, type Rights } from './scenario.ts';

/** What a page shows, and what may be done with it. */
interface Shown {
  /** Such as `X+0`. */
  readonly label: string;
  readonly rights: Rights;
}

/** What is known of a page in one step. */
interface Change {
  readonly process: number;
  readonly page: number;
  readonly before: Shown | null;
  after: Shown | null;
}

/** What each page shows, kept by the effects that a model tells; and what of it a step has changed. */
export class Recorder {
  /** By process, by page number. */
  private readonly shown = new Map<number, Map<number, Shown>>();
  /** Labels of new private memory that was there and has not been reported lost. */
  private readonly kept = new Set<string>();
  private changes = new Map<string, Change>();

  /** What an address shows; null where nothing is. */
  at(process: number, address: number): string | null {
    return this.shown.get(process)?.get(Math.floor(address / PAGE))?.label ?? null;
  }

  /** What may be done at an address; null where nothing is. */
  rightsAt(process: number, address: number): Rights | null {
    return this.shown.get(process)?.get(Math.floor(address / PAGE))?.rights ?? null;
  }

  /** New private memory, whose contents can be lost. */
  keep(label: string): void {
    this.kept.add(label);
  }

  /** Pages came. @param label - of the page at an address */
  appeared(process: number, start: number, end: number, rights: Rights, label: (address: number) => string): void {
    this.each(process, start, end, ({ page }) => ({ label: label(page * PAGE), rights }));
  }

  /** Pages went, whether or not something takes their place. */
  gone(process: number, start: number, end: number): void {
    this.each(process, start, end, () => null);
  }

  /** Pages that are there have other rights. */
  changed(process: number, start: number, end: number, rights: Rights): void {
    this.each(process, start, end, ({ after }) => (after === null ? null : { ...after, rights }));
  }

  /** What the step came to. */
  take(): { effects: Effect[]; lost: Consequence[] } {
    const changes = [...this.changes.values()].sort((a, b) => a.process - b.process || a.page - b.page);
    this.changes = new Map();
    const effects: Effect[] = [];
    for (const change of changes) {
      const effect = effectOf(change);
      const last = effects.at(-1);
      if (effect === null) continue;
      if (last !== undefined && continues(last, effect)) effects[effects.length - 1] = { ...last, end: effect.end };
      else effects.push(effect);
    }
    return { effects, lost: this.takeLost() };
  }

  private takeLost(): Consequence[] {
    const there = new Set([...this.shown.values()].flatMap((pages) => [...pages.values()].map(({ label }) => label)));
    const lost = [...this.kept].filter((label) => !there.has(label));
    for (const label of lost) this.kept.delete(label);
    return lost.length === 0 ? [] : [{ kind: 'lost', count: lost.length, text: `contents of ${labelRange(lost)}` }];
  }

  private each(process: number, start: number, end: number, next: (change: Change) => Shown | null): void {
    const book = this.shown.get(process) ?? new Map<number, Shown>();
    this.shown.set(process, book);
    for (let page = Math.floor(start / PAGE); page * PAGE < end; page++) {
      const key = `${process} ${page}`;
      const before = book.get(page) ?? null;
      const change = this.changes.get(key) ?? { process, page, before, after: before };
      this.changes.set(key, change);
      change.after = next(change);
      if (change.after === null) book.delete(page);
      else book.set(page, change.after);
    }
  }
}

function effectOf({ process, page, before, after }: Change): Effect | null {
  const [from, to] = [before?.label ?? null, after?.label ?? null];
  const place = { process, start: page * PAGE, end: (page + 1) * PAGE, before: from, after: to };
  if (from !== to) {
    const kind = from === null ? 'appeared' : to === null ? 'vanished' : 'replaced';
    return { kind, ...place };
  }
  if (before === null || after === null || before.rights === after.rights) return null;
  return { kind: 'changed', ...place, rights: { before: before.rights, after: after.rights } };
}

/** Whether an effect goes on where the last one ends: the same kind, the next pages of the same things. */
function continues(last: Effect, next: Effect): boolean {
  const pages = (last.end - last.start) / PAGE;
  const follows = (a: string | null, b: string | null): boolean =>
    a === null || b === null ? a === b : b === labelBehind(a, pages);
  return (
    last.kind === next.kind &&
    last.process === next.process &&
    last.end === next.start &&
    follows(last.before, next.before) &&
    follows(last.after, next.after) &&
    last.rights?.before === next.rights?.before &&
    last.rights?.after === next.rights?.after
  );
}

/** The label so many pages behind another. */
export function labelBehind(label: string, pages: number): string {
  const at = label.lastIndexOf('+');
  return at < 0 ? label : `${label.slice(0, at)}+${Number(label.slice(at + 1)) + pages}`;
}

/** `P+0..3` for labels that follow each other; others one by one. */
function labelRange(labels: readonly string[]): string {
  const [first = ''] = labels;
  const last = labels.at(-1) ?? first;
  const inRow = labels.length > 1 && labels.every((label, i) => label === labelBehind(first, i));
  return inRow ? `${first}..${last.slice(last.lastIndexOf('+') + 1)}` : labels.join(', ');
}
