/** How parts of a table are set off; each takes a text and gives it back, with or without colour. */
export interface Style {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly note: (text: string) => string;
  readonly good: (text: string) => string;
}

const same = (text: string): string => text;

/** No colours. */
export const PLAIN: Style = { strong: same, faint: same, error: same, warning: same, note: same, good: same };
