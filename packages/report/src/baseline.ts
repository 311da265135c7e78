/** The findings of one audit of an earlier run. */
export interface KnownFindings {
  readonly fingerprints: ReadonlySet<string>;
  /** Findings of that run that were counted and not listed, by rule. */
  readonly truncated: Readonly<Record<string, number>>;
}

/** What an earlier run has found, by input. */
export class Baseline {
  private readonly byInput: Map<string, { fingerprints: Set<string>; truncated: Record<string, number> }> = new Map();
  private readonly all: { fingerprints: Set<string>; truncated: Record<string, number> } = {
    fingerprints: new Set(),
    truncated: {},
  };

  /**
   * @param text - what `audit --format json` or `jsonl` has written
   * @throws {@link BaselineError} - with what is wrong, as the second half of a sentence
   */
  constructor(text: string) {
    for (const value of objectsOf(text)) this.take(value);
    if (this.byInput.size === 0) throw new BaselineError('it has no audit in it');
  }

  /**
   * What is known of an input: what was found in it, or, where the earlier run had no input of this name, in any.
   *
   * @param input - the path as it is given
   */
  of(input: string): KnownFindings {
    return this.byInput.get(input) ?? this.all;
  }

  private take(value: unknown): void {
    if (!isObject(value)) throw new BaselineError('it holds something else than audits');
    const { kind, input } = value;
    if (typeof kind !== 'string' || !KINDS.includes(kind) || typeof input !== 'string')
      throw new BaselineError('it holds something else than audits');
    let known = this.byInput.get(input);
    if (known === undefined) {
      known = { fingerprints: new Set(), truncated: {} };
      this.byInput.set(input, known);
    }
    const findings = kind === 'finding' ? [value] : Array.isArray(value['findings']) ? value['findings'] : [];
    for (const finding of findings as unknown[]) {
      const fingerprint = isObject(finding) ? finding['fingerprint'] : undefined;
      if (typeof fingerprint !== 'string')
        throw new BaselineError('it has a finding without a fingerprint: make it anew with this version');
      known.fingerprints.add(fingerprint);
      this.all.fingerprints.add(fingerprint);
    }
    const summary = kind === 'summary' ? value : value['summary'];
    const truncated = isObject(summary) ? summary['truncated'] : undefined;
    for (const [rule, n] of Object.entries(isObject(truncated) ? truncated : {})) {
      if (typeof n !== 'number') continue;
      known.truncated[rule] = (known.truncated[rule] ?? 0) + n;
      this.all.truncated[rule] = (this.all.truncated[rule] ?? 0) + n;
    }
  }
}

/** A text that is no baseline. */
export class BaselineError extends Error {
  override readonly name = 'BaselineError';
}

const KINDS = ['audit', 'finding', 'summary', 'error'];
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object a line; or the whole is one object, or a list of them, that something has laid out anew. */
function* objectsOf(text: string): Iterable<unknown> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length > 1 && !parses(lines[0] ?? '')) {
    const whole = parse(text, 'it is no JSON');
    yield* Array.isArray(whole) ? (whole as unknown[]) : [whole];
    return;
  }
  for (const [n, line] of lines.entries()) yield parse(line, `its line ${n + 1} is no JSON`);
}

function parse(text: string, otherwise: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new BaselineError(otherwise);
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
