import {
  alignmentMask,
  type BoundsFormat,
  boundsFormat,
  covers,
  representableLength,
  type ReservationRecipe,
  reservationRange,
  setAddress,
  setBounds,
} from '@overmap/core';
import type { LineRecord, Problem } from '@overmap/trace';
import { RecordFields, shown } from './record-fields.ts';
import type { RecordDiverged, RecordingCheck, RecordingCounts, RecordPlace } from './recording-check.ts';
import { SkippedKinds } from './skipped-kinds.ts';

/** What the model answers for a record: its keys that hold results. */
type Answer = Readonly<Record<string, bigint | boolean | number>>;

interface BoundsKind {
  /** Keys that are read; the keys of the answer come on top. */
  readonly inputs: readonly string[];
  answer(format: BoundsFormat, fields: RecordFields): Answer;
  /** Objects within the record, by key, each with its own answer. */
  parts?(format: BoundsFormat, fields: RecordFields): Readonly<Record<string, Answer>>;
}

/** Say nothing of bounds, or are the encoding's own (`pesbt`), which the model does not have. */
const ANNOTATIONS = ['id', 'kind', 'fmt', 'cat', 'note', 'pesbt'];

/** `set bounds` on a capability for everything. */
const SETBOUNDS: BoundsKind = {
  inputs: ['base', 'len'],
  answer(format, fields) {
    const base = fields.hex('base', format.addressBits);
    const length = fields.hex('len', format.addressBits + 1);
    const { base: outBase, top: outTop, exact, tag, exponent } = setBounds(format, base, length);
    return {
      crrl: representableLength(format, length),
      cram: alignmentMask(format, length),
      outBase,
      outTop,
      outLen: BigInt.asUintN(format.addressBits + 1, outTop - outBase),
      exact,
      tag,
      exp: exponent,
    };
  },
};

/** A capability with the bounds of [base, base + len) gets another address. */
const SETADDR: BoundsKind = {
  inputs: ['base', 'len', 'newAddr'],
  answer(format, fields) {
    const request = { base: fields.hex('base', format.addressBits), length: fields.hex('len', format.addressBits + 1) };
    const made = setBounds(format, request.base, request.length);
    const { base, top, representable, quick } = setAddress(format, request, fields.hex('newAddr', format.addressBits));
    return {
      capBase: made.base,
      capTop: made.top,
      repPrecise: representable,
      repFast: quick,
      tag: made.tag && quick,
      outBase: base,
      outTop: top,
    };
  },
};

/** Bounds, then another address, then bounds within. */
const DERIVE: BoundsKind = {
  inputs: ['parentReqBase', 'parentReqLen', 'addr', 'len'],
  answer(format, fields) {
    const { addressBits } = format;
    const request = {
      base: fields.hex('parentReqBase', addressBits),
      length: fields.hex('parentReqLen', addressBits + 1),
    };
    const address = fields.hex('addr', addressBits);
    const parent = setBounds(format, request.base, request.length);
    const moved = setAddress(format, request, address);
    const tagAfterSetAddr = parent.tag && moved.quick;
    const child = setBounds(format, address, fields.hex('len', addressBits + 1), moved);
    return {
      parentExact: parent.exact,
      parentBase: parent.base,
      parentTop: parent.top,
      tagAfterSetAddr,
      outBase: child.base,
      outTop: child.top,
      exact: child.exact,
      tag: tagAfterSetAddr && child.tag,
    };
  },
};

const RECIPES: readonly ReservationRecipe[] = ['orig', 'alliance', 'fixpoint'];

/** The range that kernels reserve for pages. */
const RESERV_RANGE: BoundsKind = {
  inputs: ['start', 'len'],
  answer: () => ({}),
  parts(format, fields) {
    const range = { start: fields.hex('start', format.addressBits), length: fields.hex('len', format.addressBits) };
    const { base, top } = setBounds(format, range.start, range.length);
    const parts: Record<string, Answer> = { setbounds: { start: base, len: top - base } };
    for (const recipe of RECIPES) {
      const { start, length, rounds } = reservationRange(format, recipe, range);
      const exact = setBounds(format, start, length).exact;
      parts[recipe] = {
        start,
        len: length,
        covers: covers({ start, length }, range),
        exact,
        ...(recipe === 'fixpoint' ? { rounds } : {}),
      };
    }
    return parts;
  },
};

const KINDS: Readonly<Record<string, BoundsKind>> = {
  setbounds: SETBOUNDS,
  setaddr: SETADDR,
  derive: DERIVE,
  'reserv-range': RESERV_RANGE,
};

/** Recordings of a library's CHERI bounds against the closed form (docs/cheri-bounds.md). */
export function cheriBoundsCheck(diverged: RecordDiverged | null): RecordingCheck {
  return new CheriBoundsCheck(diverged);
}

class CheriBoundsCheck implements RecordingCheck {
  private events = 0;
  private readonly skipped = new SkippedKinds();
  private readonly diverged: RecordDiverged | null;

  constructor(diverged: RecordDiverged | null) {
    this.diverged = diverged;
  }

  record(record: LineRecord, place: RecordPlace): Problem | undefined {
    const fields = new RecordFields(record);
    const kind = fields.text('kind');
    const name = fields.text('fmt');
    if (fields.problem !== undefined) return fields.problem;
    const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
    if (known === undefined) return this.skip(`${shown(kind)}: unknown kind`);
    const format = boundsFormat(name);
    if (format === undefined) return this.skip(`${kind}: unknown format ${shown(name)}`);
    const answer = known.answer(format, fields);
    const parts = known.parts?.(format, fields) ?? {};
    if (fields.problem !== undefined) return fields.problem;
    const keys = new Set([...ANNOTATIONS, ...known.inputs, ...Object.keys(answer), ...Object.keys(parts)]);
    const unknown = fields.unknownKey(keys);
    if (unknown !== undefined) return this.skip(`${kind}: unknown key ${shown(unknown)}`);
    return this.compareAll(kind, fields, answer, parts, place);
  }

  end(): RecordingCounts {
    return { events: this.events, states: 0, skipped: this.skipped.byKind };
  }

  private skip(reason: string): undefined {
    this.skipped.add(reason);
  }

  private compareAll(
    kind: string,
    fields: RecordFields,
    answer: Answer,
    parts: Readonly<Record<string, Answer>>,
    place: RecordPlace,
  ): Problem | undefined {
    const differences: [string, unknown, unknown][] = [];
    let compared = compare(fields, answer, '', differences);
    for (const [key, part] of Object.entries(parts)) {
      if (!fields.has(key)) continue;
      const within = fields.object(key);
      compared += compare(within, part, `${key}.`, differences);
      const unknown = within.unknownKey(new Set(Object.keys(part)));
      if (unknown !== undefined) return this.skip(`${kind}: unknown key ${shown(`${key}.${unknown}`)}`);
      if (within.problem !== undefined) return within.problem;
    }
    if (fields.problem !== undefined) return fields.problem;
    if (compared === 0) return this.skip(`${kind}: no result recorded`);
    this.events++;
    for (const [field, expected, actual] of differences) this.diverged?.(place, field, expected, actual);
    return undefined;
  }
}

/** Compare the results that are recorded; some may be left out. @returns how many there are */
function compare(
  fields: RecordFields,
  answer: Answer,
  within: string,
  differences: [string, unknown, unknown][],
): number {
  let compared = 0;
  for (const [key, actual] of Object.entries(answer)) {
    if (!fields.has(key)) continue;
    compared++;
    const recorded = fields.value(key);
    if (typeof actual !== 'bigint') {
      if (typeof recorded !== typeof actual) fields.blame(key, `expected "${within}${key}" to be a ${typeof actual}`);
      else if (recorded !== actual) differences.push([`${within}${key}`, recorded, actual]);
    } else if (fields.hex(key, 65) !== actual) differences.push([`${within}${key}`, recorded, hexText(actual)]);
  }
  return compared;
}

const hexText = (n: bigint): string => `0x${n.toString(16)}`;
