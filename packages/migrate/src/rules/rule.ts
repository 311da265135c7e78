import type { RuleCard } from '@overmap/report';

/** What a rule may say about one event; every text is ready to print. */
export interface Facts {
  /** The operation, as traces write it. */
  readonly op: string;
  /** The invoked capability's slot, as the trace numbers it. */
  readonly cap: string;
  /** Address, hex. */
  readonly vaddr: string;
  /** "4 KiB". */
  readonly size: string;
  /** Physical address of the invoked capability's frame, hex; "(address unknown)" for an assumed one. */
  readonly frame: string;
  /** The frame whose page is (or was) there, hex; '' when there is none. */
  readonly held: string;
  /** What is in the way of a map: "a 2 MiB page", "a page table". */
  readonly obstacle: string;
  /** Line of the event that made the mapping which this one hit; 0 = not in the trace. */
  readonly mappedLine: number;
  /** Policies by name, and what each answers. */
  readonly from: string;
  readonly to: string;
  readonly fromAnswer: string;
  readonly toAnswer: string;
  /** The ASID. */
  readonly asid: number;
  /** How many capabilities a grouped finding is about. */
  readonly count: number;
  /** More words of the one rule that needs them. */
  readonly detail: string;
}

/** A rule of the audit: its card, and what it says. */
export interface Rule extends RuleCard {
  /** One sentence (or two) that a client's author understands. */
  readonly say: (f: Facts) => string;
}

/** " (mapped at line 12)", or nothing where the trace does not say. */
export const since = (f: Facts): string => (f.mappedLine > 0 ? ` (mapped at line ${f.mappedLine})` : '');
/** A rule of the audit of source: what it says stands with each call. */
export type SourceRule = RuleCard;
/** How the target takes it. */
export const answer = (f: Facts): string =>
  f.toAnswer === f.fromAnswer ? `${f.to} answers ${f.toAnswer} as well.` : `${f.to} answers ${f.toAnswer}.`;
