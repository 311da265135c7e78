/** What JSON leaves as it is and a terminal may act on: DEL, C1 controls, bidirectional and invisible characters. */
const UNSAFE = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

const unit = (text: string, at: number): string => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`;

/**
 * A value as JSON on one line, with nothing in it that a terminal or a CI service would act on; it parses to the same value.
 *
 * @param value - anything that JSON can hold
 */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  // What a CI service would take for a command stands in strings only.
  return text
    .replaceAll('##[', '#\\u0023[')
    .replace(UNSAFE, (c) => (c.length === 1 ? unit(c, 0) : unit(c, 0) + unit(c, 1)));
}
