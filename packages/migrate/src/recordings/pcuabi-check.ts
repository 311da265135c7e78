import {
  applyEdits,
  boundsFormat,
  decide,
  PCUABI,
  type PcuabiProfile,
  PcuabiSpace,
  permissionNames,
  PROT,
  type UserCapability,
} from '@overmap/core';
import type { LineRecord, Problem } from '@overmap/trace';
import { readStep, type ScenarioStep, type UncoveredStep } from './pcuabi-scenario.ts';
import { isRecord, RecordFields, shown } from './record-fields.ts';
import type { RecordDiverged, RecordingCheck, RecordingCounts, RecordPlace } from './recording-check.ts';
import { SkippedKinds } from './skipped-kinds.ts';

const KNOWN_KEYS = new Set([
  'id',
  'derived',
  'basis',
  'title',
  'source',
  'pageSize',
  'mmapMinAddr',
  'bounds',
  'placement',
  'steps',
  'note',
]);
/** Where the scenarios' user memory ends: the kernel's own choices are made downwards from there. */
const USER_END = 0x7f0000000000;
const CAP_KEYS = new Set(['tag', 'sealed', 'base', 'len', 'addr', 'perms']);
const AFTER_KEYS = new Set(['reservations', 'mappings']);

/** Scenarios of PCuABI calls with expected results, against the model (docs/pcuabi/model.md). */
export function pcuabiCheck(diverged: RecordDiverged | null): RecordingCheck {
  return new PcuabiCheckRun(diverged);
}

class PcuabiCheckRun implements RecordingCheck {
  private events = 0;
  private states = 0;
  private readonly skipped = new SkippedKinds();
  private readonly diverged: RecordDiverged | null;

  constructor(diverged: RecordDiverged | null) {
    this.diverged = diverged;
  }

  record(record: LineRecord, place: RecordPlace): Problem | undefined {
    const fields = new RecordFields(record);
    if (!fields.has('steps') && !fields.has('bounds')) return this.skip('a record that is no scenario', 1);
    const bounds = fields.text('bounds');
    const pageSize = Number(fields.hex('pageSize', 32));
    const minAddress = fields.has('mmapMinAddr') ? Number(fields.hex('mmapMinAddr', 48)) : PCUABI.minAddress;
    const source = fields.has('source') ? fields.text('source') : '';
    const steps = fields.list('steps');
    if (fields.problem !== undefined) return fields.problem;
    if (pageSize < 4096 || (pageSize & (pageSize - 1)) !== 0)
      return { expected: 'expected "pageSize" to be a power of two, 4096 or more', key: 'pageSize' };
    const read = readSteps(steps);
    if ('expected' in read) return read;
    const unknown = fields.unknownKey(KNOWN_KEYS);
    if (unknown !== undefined) return this.skip(`scenario: unknown key ${shown(unknown)}`, steps.length);
    const format = boundsFormat(bounds);
    if (format === undefined || format.addressBits < 64)
      return this.skip(`scenario: bounds of ${shown(bounds)}`, steps.length);
    const profile: PcuabiProfile = {
      ...PCUABI,
      format,
      pageSize,
      minAddress,
      end: USER_END,
      searchTop: USER_END,
      executive: format.name === 'morello128',
      // One tree looks at the capability first; a scenario names the tree that it was read from.
      mremapFirst: /ziuziakowska\S* mm\/mremap\.c/.test(source) ? 'capability' : PCUABI.mremapFirst,
    };
    this.run(read, new PcuabiSpace(profile), place);
    return undefined;
  }

  end(): RecordingCounts {
    return { events: this.events, states: this.states, skipped: this.skipped.byKind };
  }

  private skip(reason: string, steps: number): undefined {
    this.skipped.add(reason, steps);
  }

  private run(steps: readonly ReadStep[], space: PcuabiSpace, place: RecordPlace): void {
    const bound = new Map<string, UserCapability>();
    for (const [i, { step, fields, cap }] of steps.entries()) {
      if ('uncovered' in step) {
        this.skipped.add(step.uncovered);
        if (i + 1 < steps.length) this.skipped.add('step behind one that is not covered', steps.length - i - 1);
        return;
      }
      this.events++;
      const differs = (field: string, expected: unknown, actual: unknown): void =>
        this.diverged?.(place, `steps[${i}].${field}`, expected, actual);
      const decision = decide(space, step.call(bound, space.profile));
      applyEdits(space, decision.edits, null);
      const result = decision.refusal?.error ?? 'ok';
      if (result !== step.result) differs('result', step.result, result);
      const returned = decision.returned ?? undefined;
      if (cap !== undefined && result === 'ok') compareCapability(cap, returned, differs);
      if (step.bind !== undefined && returned !== undefined) bound.set(step.bind, returned);
      if (!fields.has('after')) continue;
      this.states++;
      compareAfter(fields.object('after'), space, differs);
    }
  }
}

type Differs = (field: string, expected: unknown, actual: unknown) => void;

interface ReadStep {
  readonly step: ScenarioStep | UncoveredStep;
  readonly fields: RecordFields;
  readonly cap: RecordFields | undefined;
}

/** All steps of a scenario, read before one is run: a malformed line changes nothing. */
function readSteps(steps: readonly unknown[]): ReadStep[] | Problem {
  const bound = new Set<string>();
  const read: ReadStep[] = [];
  for (const [i, raw] of steps.entries()) {
    if (!isRecord(raw)) return { expected: `expected "steps[${i}]" to be an object`, key: 'steps' };
    const fields = new RecordFields(raw, `steps[${i}].`);
    const step = readStep(fields, bound, i);
    const cap = fields.has('cap') ? fields.object('cap') : undefined;
    if (!('uncovered' in step)) checkExpected(fields, cap);
    if (fields.problem !== undefined) return { ...fields.problem, key: 'steps' };
    const unknown = unknownExpected(fields, cap);
    const uncovered = `${shown(fields.text('call'))}: unknown key ${unknown}`;
    read.push({ step: unknown === undefined ? step : { uncovered }, fields, cap });
    // A step that is not covered may bind a name, too; what is behind it is not run.
    if ('uncovered' in step) return [...read, ...steps.slice(i + 1).map(() => BEHIND)];
    if (step.bind !== undefined) bound.add(step.bind);
  }
  return read;
}

const BEHIND: ReadStep = { step: { uncovered: '' }, fields: new RecordFields({}), cap: undefined };

/** What a step expects must be well formed, so that a comparison means something. */
function checkExpected(fields: RecordFields, cap: RecordFields | undefined): void {
  if (cap !== undefined) {
    for (const key of ['base', 'len', 'addr']) if (cap.has(key)) cap.hex(key, 65);
    if (cap.has('perms')) cap.list('perms');
    if (cap.problem !== undefined) fields.blame('cap', cap.problem.expected);
  }
  if (!fields.has('after')) return;
  const after = fields.object('after');
  const reservations = spans(after, 'reservations', ['base', 'len']);
  const mappings = spans(after, 'mappings', ['start', 'end']);
  if (after.problem !== undefined) fields.blame('after', after.problem.expected);
  for (const mapping of mappings) {
    const index = mapping.value('reservation');
    if (index === undefined || (typeof index === 'number' && reservations[index] !== undefined)) continue;
    fields.blame('after', 'expected each mapping of "after" to name one of its reservations by its index');
  }
}

/** The objects of a list with hexadecimal keys. */
function spans(after: RecordFields, key: string, keys: readonly string[]): RecordFields[] {
  return after.list(key).map((raw, i) => {
    const fields = new RecordFields(isRecord(raw) ? raw : {}, `${key}[${i}].`);
    for (const one of keys) fields.hex(one, 65);
    if (fields.problem !== undefined) after.blame(key, fields.problem.expected);
    return fields;
  });
}

/** A key among the expectations that the model does not know, or undefined. */
function unknownExpected(fields: RecordFields, cap: RecordFields | undefined): string | undefined {
  const ofCap = cap?.unknownKey(CAP_KEYS);
  if (ofCap !== undefined) return `cap.${shown(ofCap)}`;
  const ofAfter = fields.has('after') ? fields.object('after').unknownKey(AFTER_KEYS) : undefined;
  return ofAfter === undefined ? undefined : `after.${shown(ofAfter)}`;
}

const hexText = (n: number): string => `0x${n.toString(16)}`;
const sortedTexts = (list: readonly unknown[]): string[] => list.map(String).sort();

/** Compare the pointer that a call returned, key by key. */
function compareCapability(cap: RecordFields, returned: UserCapability | undefined, differs: Differs): void {
  if (returned === undefined) return differs('cap', 'a pointer', null);
  const { tag, sealed, base, top, address, permissions } = returned;
  const actual: Readonly<Record<string, boolean | number>> = { tag, sealed, base, len: top - base, addr: address };
  for (const [key, value] of Object.entries(actual)) {
    if (!cap.has(key)) continue;
    const recorded = cap.value(key);
    const same = typeof value === 'number' ? Number(cap.hex(key, 65)) === value : recorded === value;
    if (!same) differs(`cap.${key}`, recorded, typeof value === 'number' ? hexText(value) : value);
  }
  if (!cap.has('perms')) return;
  const recorded = sortedTexts(cap.list('perms'));
  const names = permissionNames(permissions);
  if (recorded.join() !== names.join()) differs('cap.perms', recorded, names);
}

/** Compare the state after a step: reservations, and the pages with their protection and reservation. */
function compareAfter(after: RecordFields, space: PcuabiSpace, differs: Differs): void {
  const recorded = spans(after, 'reservations', ['base', 'len']).map((fields) => {
    const base = Number(fields.hex('base', 65));
    const permissions = fields.has('perms') ? sortedTexts(fields.list('perms')).join('+') : undefined;
    return { base, text: reservationText(base, Number(fields.hex('len', 65)), permissions), withPerms: permissions };
  });
  const live = space.listReservations();
  const withPerms = recorded.every((one) => one.withPerms !== undefined);
  const actual = live.map(({ outer, permissions }) =>
    reservationText(
      outer.start,
      outer.end - outer.start,
      withPerms ? permissionNames(permissions).join('+') : undefined,
    ),
  );
  const expected = [...recorded].sort((a, b) => a.base - b.base).map(({ text }) => text);
  if (expected.join() !== actual.join()) differs('after.reservations', expected, actual);
  const expectedRuns = joined(
    spans(after, 'mappings', ['start', 'end']).map((fields) => ({
      start: Number(fields.hex('start', 65)),
      end: Number(fields.hex('end', 65)),
      prot: fields.has('prot') ? fields.text('prot') : '?',
      reservation: recorded[Number(fields.value('reservation'))]?.base ?? -1,
    })),
  );
  const actualRuns = joined(
    space.listMappings().map(({ start, end, prot, reservation }) => ({
      start,
      end,
      prot: protText(prot),
      reservation: space.reservations.get(reservation)?.outer.start ?? -1,
    })),
  );
  if (expectedRuns.join() !== actualRuns.join()) differs('after.mappings', expectedRuns, actualRuns);
}

const reservationText = (base: number, length: number, permissions: string | undefined): string =>
  `${hexText(base)}+${hexText(length)}${permissions === undefined ? '' : ` ${permissions}`}`;

interface Run {
  readonly start: number;
  end: number;
  readonly prot: string;
  readonly reservation: number;
}

/** Runs as text, neighbours joined that show the same: where a run of pages is cut says nothing of a page. */
function joined(runs: Run[]): string[] {
  const found: Run[] = [];
  for (const run of runs.sort((a, b) => a.start - b.start)) {
    const last = found.at(-1);
    if (last !== undefined && last.end === run.start && last.prot === run.prot && last.reservation === run.reservation)
      last.end = run.end;
    else found.push({ ...run });
  }
  return found.map(
    ({ start, end, prot, reservation }) => `${hexText(start)}-${hexText(end)} ${prot} of ${hexText(reservation)}`,
  );
}

/** A protection as scenarios write it. */
const protText = (prot: number): string =>
  `${(prot & PROT.read) !== 0 ? 'r' : ''}${(prot & PROT.write) !== 0 ? 'w' : ''}${(prot & PROT.execute) !== 0 ? 'x' : ''}`;
