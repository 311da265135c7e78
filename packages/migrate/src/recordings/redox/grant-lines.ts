import { redox } from '@overmap/core';
import type { LineRecord } from '@overmap/trace';
import type { Compare } from './compare.ts';
import { flagBits, grantRecord, modelGrant, modelProvider, shownGrant } from './grant-record.ts';
import { orPanic, withoutText } from './page-info-lines.ts';
import { hexAt, listAt, numberAt, numbersAt, recordAt, rowsAt, textAt } from './record-reader.ts';

const { canExtract, canHaveFlags, DEFECTS, extract, GRANT_FLAGS, grantFlags, isPinned, KernelPanic, MAP, UserGrants } =
  redox;

const row = ({ base, count }: redox.PageSpan): number[] => [base, count];
const spanAt = (record: LineRecord, key: string): redox.PageSpan => {
  const [base, count] = numbersAt(record, key, 2);
  return { base, count };
};

/** Whether a range of addresses is one of the user's. */
export function spanValidateLine(record: LineRecord, compare: Compare): null {
  // Numbers above 2^53 lose their low bits here, and are beyond the user's addresses all the same.
  const [address, size] = [Number(hexAt(record, 'addr')), Number(hexAt(record, 'size'))];
  const shown = (span: redox.PageSpan | null): number[] | null => (span === null ? null : row(span));
  compare('validate', record.validate, shown(redox.validate(address, size)));
  compare('validate_nonempty', record.validate_nonempty, shown(redox.validateNonempty(address, size)));
  return null;
}

/** What two spans share. */
export function spanIntersectionLine(record: LineRecord, compare: Compare): null {
  const [a, b] = [spanAt(record, 'a'), spanAt(record, 'b')];
  compare('out', record.out, row(redox.intersection(a, b)));
  compare('intersects', record.intersects, redox.intersects(a, b));
  return null;
}

/** A piece is taken out of a grant; and what else is asked about a grant. */
export function grantExtractLine(record: LineRecord, compare: Compare, policy: number): null {
  const grant = modelGrant(record.grant);
  const span = spanAt(record, 'span');
  const parts = (): unknown => {
    if (!canExtract(grant, false)) throw new KernelPanic('a pinned grant was to be cut');
    const { before, middle, after } = extract(grant, span, (policy & DEFECTS.externalSplit) !== 0);
    return [before, middle, after].map((part) => part && shownGrant(part));
  };
  const out = withoutText(record.out);
  const recorded = Array.isArray(out) ? out.map((part: unknown) => part && grantRecord(part)) : out;
  compare('out', recorded, orPanic(parts));
  compare('is_pinned', record.is_pinned, isPinned(grant));
  compare('can_extract', record.can_extract, canExtract(grant, false));
  // A scheme's answer takes the pin away without a look at those of borrowers.
  const unpinned = (grant.provider.kind === 'FmapBorrowed' && grant.provider.pins > 0) || canExtract(grant, true);
  compare('can_extract_unpin', record.can_extract_unpin, unpinned);
  compare('grant_flags', record.grant_flags, grantFlags(grant));
  const asked = [0, MAP.write, MAP.exec, MAP.write | MAP.exec];
  compare(
    'can_have_flags_none_w_x_wx',
    record.can_have_flags_none_w_x_wx,
    asked.map((bits) => canHaveFlags(grant, bits)),
  );
  return null;
}

/** The names of what a handle shows of a grant. */
export function grantFlagsLine(record: LineRecord, compare: Compare): null {
  const input = recordAt(record, 'in');
  const provider = modelProvider(input, textAt(input, 'prov'));
  const bits = grantFlags({ provider, flags: flagBits(textAt(input, 'f')) });
  const names = Object.entries(GRANT_FLAGS).flatMap(([name, bit]) => ((bits & bit) === 0 ? [] : [name]));
  compare('out', [...listAt(record, 'out')].sort(), names.sort());
  return null;
}

/** Sequences of steps on bare grants, without page tables. */
export class UserGrantsLines {
  private sequence = -1;
  private grants = new UserGrants();

  /** @returns why the step was not compared, or null @throws MalformedRecord */
  step(record: LineRecord, compare: Compare): string | null {
    const sequence = numberAt(record, 'seq');
    if (sequence !== this.sequence) {
      this.sequence = sequence;
      this.grants = new UserGrants();
    }
    const input = recordAt(record, 'in');
    const answer = this.answer(input);
    if (answer === undefined) return `operation "${textAt(input, 'op').slice(0, 40)}" is not known`;
    const out = withoutText(record.out);
    compare('out', textAt(input, 'op') === 'remove_containing' && out !== null ? grantRecord(out) : out, answer());
    compare('grants', listAt(record, 'grants').map(grantRecord), this.grants.list().map(shownGrant));
    compare('holes', rowsAt(record, 'holes', 2), this.grants.holes().map(row));
    return null;
  }

  private answer(input: LineRecord): (() => unknown) | undefined {
    const { grants } = this;
    switch (textAt(input, 'op')) {
      case 'insert': {
        const grant = modelGrant(input.grant);
        return () => orPanic(() => grants.insert(grant) ?? null);
      }
      case 'remove_containing': {
        const page = numberAt(input, 'page');
        return () => {
          const removed = grants.removeContaining(page);
          return removed && shownGrant(removed);
        };
      }
      case 'find_free': {
        const min = Math.floor(numberAt(input, 'min') / redox.PAGE_SIZE);
        const found = grants.findFree(min, numberAt(input, 'pages'));
        return () => (found < 0 ? null : found);
      }
      case 'conflicts': {
        const span = spanAt(input, 'span');
        return () => grants.conflicts(span).map(({ base }) => base);
      }
      case 'contains': {
        const page = numberAt(input, 'page');
        return () => grants.containing(page)?.base ?? null;
      }
      default:
        return undefined;
    }
  }
}
