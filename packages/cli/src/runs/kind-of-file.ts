import { type InputKind, inputKind, type InputReader, readInput } from '@overmap/trace';

/**
 * Look at the beginning of an input.
 *
 * @param path - a file, which is read again afterwards
 * @throws InputUnreadableError, MalformedInputError - as `readInput`
 */
export async function kindOfFile(path: string): Promise<InputKind> {
  let kind: InputKind = 'sel4';
  const nothing: InputReader = { bytes: 0, lines: 0, feed() {}, flush() {}, end() {} };
  await readInput(path, { stop: () => true }, (head) => {
    kind = inputKind(head);
    return nothing;
  });
  return kind;
}
