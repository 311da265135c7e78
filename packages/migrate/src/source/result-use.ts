import { contextOf } from './answer-context.ts';
import { decisionOf } from './answer-decision.ts';
import { AnswerReaders } from './answer-readers.ts';
import { type AnswerUse, type Decision, edgeOf, nothing } from './answer-use.ts';
import type { AnswerKind, AnswerTest, Tested } from './error-tests.ts';
import { ErrorRegions, type Region } from './error-region.ts';
import type { Graph, Step } from './flow-graph.ts';
import type { ResultUse, TextRange } from './site.ts';
import { givesTheSame, skipsPage } from './silent-errors.ts';
import type { Call } from './tree.ts';

/** Follows the answers of calls through a function. */
export class AnswerUses {
  private readonly readers: AnswerReaders;
  private readonly regions: ErrorRegions;
  private readonly graph: Graph;
  private readonly isLocal: (name: string) => boolean;

  /**
   * @param maps - whether a call maps, too
   * @param outside - it is a fragment, which goes on elsewhere
   * @param isLocal - whether a variable ends with the function
   */
  constructor(graph: Graph, maps: (call: Call) => boolean, outside: boolean, isLocal: (name: string) => boolean) {
    this.readers = new AnswerReaders(graph, outside, isLocal);
    this.regions = new ErrorRegions(graph, maps);
    this.graph = graph;
    this.isLocal = isLocal;
  }

  of(step: Step, call: Call, kind: AnswerKind): AnswerUse {
    const at = contextOf(step, call, kind);
    if (at.k === 'done')
      return { ...nothing, use: at.use, name: null, leaves: at.use === 'asserted' || at.use === 'returned' };
    if (at.k === 'name') return this.followed(step, at.name, at.kind, at.about, []);
    const decision = decisionOf(step, (e) => e === call, kind);
    if (at.name === null || decision.final) return this.judged(step, [decision], at.name);
    return this.followed(step, at.name, kind, null, [decision]);
  }

  private followed(
    from: Step,
    name: string,
    kind: AnswerKind,
    about: AnswerTest | null,
    before: readonly Decision[],
  ): AnswerUse {
    const { decided, uses, open } = this.readers.collected(from, name, kind, about);
    decided.unshift(...before);
    const use = this.judged(from, decided, name);
    if (decided.some(({ final }) => final)) return use;
    if (uses.has('expected to fail')) return { ...use, use: 'expected to fail' };
    if (uses.has('asserted')) return { ...use, use: 'asserted', leaves: true };
    if (uses.has('returned'))
      return { ...use, use: use.use === 'stored and not read' ? 'returned' : use.use, leaves: true };
    if (decided.length > 0 && (use.use !== 'stored and not read' || !uses.has('passed on'))) return use;
    if (uses.has('passed on')) return { ...use, use: 'passed on' };
    if (uses.has('printed')) return { ...use, use: 'printed' };
    return { ...use, use: open ? 'stored and not read' : 'passed on' };
  }

  /** Whether nobody outside of the function can tell that the map has failed, although it does not go on there. */
  private isSilent(decision: Decision, failed: Region, name: string | null): boolean {
    const { step, error, good } = decision;
    const sides = { failed, good: good === null ? null : this.regions.region(step, good, error) };
    const around = { graph: this.graph, isLocal: this.isLocal, name };
    return skipsPage(sides, around) || givesTheSame(step, decision, sides, around);
  }

  /** What the decisions on an answer come to. */
  private judged(from: Step, decided: readonly Decision[], name: string | null): AnswerUse {
    const onError = new Set<number>();
    const failing = new Set<string>();
    const accepts = new Set<Tested>();
    let use: ResultUse = 'stored and not read';
    let test: TextRange | null = null;
    let retries = false;
    let copies = false;
    let leaves = false;
    let probes = false;
    let revives = false;
    let skips = false;
    const rank = (next: ResultUse, at: TextRange): void => {
      if (RANKS.indexOf(next) > RANKS.indexOf(use)) {
        use = next;
        test = at;
      }
    };
    for (const decision of decided) {
      const { about, error, step, except } = decision;
      if (about === 'unclear' || error === null) {
        rank('checked', decision.test);
        leaves = true;
        continue;
      }
      const region = this.regions.region(step, error, decision.good);
      if (about === 'any error') {
        if (error !== decision.good && except.length === 0) failing.add(edgeOf(step.id, error));
        for (const id of this.regions.onlyHere(from, decision, region.steps)) onError.add(id);
        for (const each of except) if (each === 'DeleteFirst') accepts.add(each);
        if (except.includes('DeleteFirst')) rank('compared with DeleteFirst', decision.test);
        const inner = this.regions.innerTests(region.steps, name);
        const again = region.goesOn && from.loops.some((loop) => step.loops.includes(loop));
        const maps = region.maps || again || this.regions.mapsSoon(step, region);
        const plain = decision.others.every(({ about: arm }) => arm === null || arm === 'any error');
        const silent = except.length === 0 && !inner && plain && this.isSilent(decision, region, name);
        if (region.tables && maps && !inner && !except.includes('FailedLookup')) {
          retries = true;
          rank('any error retried', decision.test);
        } else if (silent) {
          skips = true;
          rank('printed', decision.test);
        } else if (region.ends) rank('asserted', decision.test);
        else if (region.leaves || region.repairs || inner || decision.others.length > 2) rank('checked', decision.test);
        else if (name !== null && this.regions.heededLater(step, error, name)) {
          rank('checked', decision.test);
          leaves = true;
        } else rank('printed', decision.test);
        if ((region.leaves || region.ends) && !silent) leaves = true;
        if (
          name !== null &&
          decision.good !== null &&
          this.regions.undoes(step, decision.good) &&
          this.regions.tellsLookup(region.steps, name)
        )
          probes = true;
        for (const { to, about: arm } of decision.others) {
          if (arm !== 'FailedLookup') continue;
          if (this.regions.region(step, to, null).tables) retries = true;
        }
      } else if (about === 'DeleteFirst') {
        for (const id of this.regions.onlyHere(from, decision, region.steps)) onError.add(id);
        // To clear the place and map again is what the error asks for.
        if (region.maps) rank('checked', decision.test);
        else if (!region.fails) {
          if (region.works) revives = true;
          accepts.add('DeleteFirst');
          rank('compared with DeleteFirst', decision.test);
        } else rank('checked', decision.test);
        if (decision.others.length > 0) leaves = true;
      } else if (about === 'FailedLookup') {
        for (const id of this.regions.onlyHere(from, decision, region.steps)) onError.add(id);
        if (region.tables || region.maps || region.repairs) rank('failed lookup retried', decision.test);
      } else if (about === 'InvalidCapability') {
        for (const id of this.regions.onlyHere(from, decision, region.steps)) onError.add(id);
        if (region.copies || region.maps) copies = true;
        rank('checked', decision.test);
      }
    }
    const silent = skips && (use as ResultUse) === 'printed';
    return {
      use,
      silent,
      name,
      test,
      probes,
      revives,
      retries,
      copies,
      accepts: [...accepts],
      onError,
      failing,
      leaves,
    };
  }
}

/** What counts more when an answer is used in several ways. */
const RANKS: readonly ResultUse[] = [
  'stored and not read',
  'printed',
  'failed lookup retried',
  'checked',
  'asserted',
  'any error retried',
  'compared with DeleteFirst',
];
