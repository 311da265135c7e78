import { freebsd } from '@overmap/core';
import type { Finding } from '@overmap/report';
import type { FindingEmitter } from '../finding-emitter.ts';
import { hex } from '../linux/linux-words.ts';
import type { RecordPlace } from '../recordings/recording-check.ts';
import { type KeyDifference, lostUnder } from './audit-keys.ts';
import { OF001, OF002, OF003, OF004, OF005, OF006, OF007 } from './rules/index.ts';
import type { FreebsdRule } from './rules/rule.ts';

/** An operation as findings name it. */
export interface NamedOperation {
  readonly place: RecordPlace;
  /** The scenario's name, or "sequence 3". */
  readonly test: string;
  /** "mprotect", as the recording writes it. */
  readonly name: string;
  /** Its number within a line of many, from 0; null: the line is the operation. */
  readonly index: number | null;
  /** Operations are of several processes. */
  readonly forked: boolean;
}

/** Pages about which the policies disagree. */
type Pages = Pick<KeyDifference, 'process' | 'start' | 'end' | 'from' | 'to' | 'pages'>;

/** The keys of a finding in words, the one that is lost also as a number, and where that was set. */
interface NamedKeys {
  readonly key: string;
  readonly value: number | null;
  readonly other: string;
  readonly set: RecordPlace | null;
}

/** What is told of a difference, and under which policy there is no key (or a call is refused). */
interface Told {
  readonly rule: FreebsdRule;
  readonly without: 'from' | 'to';
}

/** Whether the key that one policy lacks is 0: pages without a key have that as well. */
export const isKeyZero = ({ from, to }: Pick<Pages, 'from' | 'to'>): boolean => (from ?? to)?.value === 0;

/** The rule for a difference between two policies. */
function ruleOf(one: Pages): Told {
  const without = lostUnder(one);
  if (without === null) return { rule: OF005, without: 'to' };
  switch (one.pages) {
    case 'kept':
      if (isKeyZero(one)) return { rule: OF007, without };
      return { rule: without === 'from' ? OF001 : OF002, without };
    case 'replaced':
    case 'mapped':
      return { rule: OF003, without };
    case 'unmapped':
      return { rule: OF004, without };
  }
}

/** Makes findings of an audit of protection keys: each names the pages, the key and the operation. */
export class FreebsdFindings {
  private readonly emitter: FindingEmitter;
  private readonly policies: { readonly from: string; readonly to: string };

  constructor(emitter: FindingEmitter, from: string, to: string) {
    this.emitter = emitter;
    this.policies = { from, to };
  }

  /**
   * Tell of pages whose key is not the same under both.
   *
   * @param setBy - who set the key: a number within the line, or a place of its own
   */
  difference(operation: NamedOperation, one: Pages, setBy: number | RecordPlace | null): void {
    const { rule, without } = ruleOf(one);
    const key = without === 'from' ? one.to : one.from;
    const other = without === 'from' ? one.from : one.to;
    const who =
      setBy === null ? '' : ` (set by ${typeof setBy === 'number' ? `operation ${setBy}` : `line ${setBy.line}`})`;
    this.tell(operation, rule, without, one, {
      key: `${keyText(key)}${who}`,
      value: key?.value ?? null,
      other: keyText(other),
      set: typeof setBy === 'object' ? setBy : null,
    });
  }

  /** Tell of a call that one policy refuses. */
  answer(
    operation: NamedOperation,
    refusedUnder: 'from' | 'to',
    pages: Pick<Pages, 'process' | 'start' | 'end'>,
  ): void {
    this.tell(operation, OF006, refusedUnder, pages, { key: '', value: null, other: '', set: null });
  }

  private tell(
    operation: NamedOperation,
    rule: FreebsdRule,
    without: 'from' | 'to',
    { process, start, end }: Pick<Pages, 'process' | 'start' | 'end'>,
    { key, value, other, set }: NamedKeys,
  ): void {
    const { place, test, name, index, forked } = operation;
    if (!this.emitter.count(rule.id, rule.severity, test)) return;
    const whose = forked ? `process ${process}'s ` : '';
    const finding: Finding = {
      rule: rule.id,
      severity: rule.severity,
      message: rule.say({
        operation: index === null ? name : `${name} (operation ${index})`,
        pages: pagesText(start, end),
        whose,
        key,
        other,
        without: this.policies[without],
        with: this.policies[without === 'from' ? 'to' : 'from'],
      }),
      event: place.event,
      line: place.line,
      test,
      site: null,
      vaddr: hex(start),
      length: end - start,
      operation: name,
      ...(value === null ? {} : { protectionKey: value }),
      key: JSON.stringify([test, index, name, rule.id, process, start, end]),
      related: set === null ? [] : [{ ...set, role: 'key' }],
      fix: rule.fix,
    };
    this.emitter.list(finding);
  }
}

const keyText = (key: freebsd.Attribute | null): string =>
  key === null ? 'no key' : `key ${key.value}${key.persistent ? ' (persistent)' : ''}`;

/** "page 0x10000", "pages 0x10000 to 0x12000 (2 pages)". */
function pagesText(start: number, end: number): string {
  const count = (end - start) / freebsd.PAGE_SIZE;
  return count === 1
    ? `page ${hex(start)}`
    : `pages ${hex(start)} to ${hex(end)} (${count.toLocaleString('en')} pages)`;
}
