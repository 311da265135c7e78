/** What a map can answer, as far as code tells errors apart; `other` stands for every error that it does not name. */
export const ANSWERS = ['none', 'DeleteFirst', 'FailedLookup', 'InvalidCapability', 'other'] as const;
/** What a map can answer. */
export type Answer = (typeof ANSWERS)[number];

/** What is known of a value that an answer decides about; null = nothing. */
export type Value =
  /** An answer, as an error number or as a `Result`. */
  | { readonly k: 'answer'; readonly is: Answer }
  | { readonly k: 'number'; readonly n: number }
  | { readonly k: 'truth'; readonly is: boolean }
  | null;

/** Values of variables, by their spelling. */
export type Values = Map<string, Value>;

/** What functions of the tree make of an answer. */
export type Meanings = (name: string) => AnswerMeaning | null;

/** A function that is given an answer, and gives something that only depends on it: `is_mapped(error)`. */
export interface AnswerMeaning {
  readonly name: string;
  /** The number of the parameter that takes the answer. */
  readonly index: number;
  readonly gives: Readonly<Record<Answer, Value>>;
}

/** Numbers of `seL4_Error`, as the kernel's interface gives them. */
const NUMBERS: ReadonlyMap<number, Answer> = new Map([
  [0, 'none'],
  [2, 'InvalidCapability'],
  [6, 'FailedLookup'],
  [8, 'DeleteFirst'],
]);

/** An answer as a value. */
export const answer = (is: Answer): Value => ({ k: 'answer', is });
/** What a test comes to as a value. */
export const truth = (is: boolean | null): Value => (is === null ? null : { k: 'truth', is });

/** The answer that a name of an error stands for; null = it names no answer. */
export function namedAnswer(name: string): Answer | null {
  if (/delete_?first$/i.test(name)) return 'DeleteFirst';
  if (/failed_?lookup$/i.test(name)) return 'FailedLookup';
  if (/invalid_?cap(?:ability)?$/i.test(name)) return 'InvalidCapability';
  if (/(?:^|_)no_?error$|success$|^(?:ERR_?)?OK$/i.test(name)) return 'none';
  if (
    /^(?:seL4_)?(?:Invalid_?Argument|Illegal_?Operation|Range_?Error|Alignment_?Error|Revoke_?First|Truncated_?Message|Not_?Enough_?Memory)$/i.test(
      name,
    )
  )
    return 'other';
  return null;
}

/** Whether a value counts as true; null = not known. */
export function isTrue(value: Value): boolean | null {
  if (value === null) return null;
  if (value.k === 'truth') return value.is;
  return value.k === 'number' ? value.n !== 0 : value.is !== 'none';
}

/** Whether two values are equal; null = not known. */
export function areEqual(a: Value, b: Value): boolean | null {
  if (a === null || b === null) return null;
  if (a.k === 'answer' && b.k === 'answer') return a.is === 'other' && b.is === 'other' ? null : a.is === b.is;
  if (a.k === 'answer' && b.k === 'number') {
    // A wrapper says -1 of any error; an error that is not named has a number that is not known.
    const named = NUMBERS.get(b.n);
    if (named !== undefined) return a.is === named;
    return a.is === 'other' || (b.n < 0 && a.is !== 'none') ? null : false;
  }
  if (a.k === 'answer' || b.k === 'answer') return a.k === 'number' ? areEqual(b, a) : null;
  const [x, y] = [a.k === 'truth' ? Number(a.is) : a.n, b.k === 'truth' ? Number(b.is) : b.n];
  return x === y;
}

/** Whether nothing tells two values apart. */
export const same = (a: Value, b: Value): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The first of two values that is an error: `failed |= error`. */
export function either(a: Value, b: Value): Value {
  for (const each of [a, b]) if (each?.k === 'answer' && each.is !== 'none') return each;
  const none = (value: Value): boolean => value !== null && isTrue(value) === false;
  return none(a) && none(b) ? answer('none') : null;
}

/** An order between an answer and a number: errors are numbers above 0, or below it where a wrapper says so. */
export function compared(op: string, a: Value, b: Value): boolean | null {
  if (a?.k === 'number' && b?.k === 'answer')
    return compared(
      op.replace(/[<>]/, (c) => (c === '<' ? '>' : '<')),
      b,
      a,
    );
  if (b?.k !== 'number' || a === null || a.k === 'truth') return null;
  if (a.k === 'answer' && a.is !== 'none')
    return op === '>=' && b.n <= 1 ? null : op === '>' && b.n === 0 ? true : null;
  const n = a.k === 'number' ? a.n : 0;
  return op === '<' ? n < b.n : op === '>' ? n > b.n : op === '<=' ? n <= b.n : n >= b.n;
}
