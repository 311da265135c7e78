/** Compares a field of a record with what the model answers, and tells of a difference. */
export type Compare = (field: string, expected: unknown, actual: unknown) => void;
