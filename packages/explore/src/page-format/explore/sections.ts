import { ByteReader, ByteWriter } from './bytes.ts';

/** A head as JSON and sections of bytes, as one piece. */
export function joinSections(head: unknown, sections: readonly Uint8Array[]): Uint8Array {
  const parts = [new TextEncoder().encode(JSON.stringify(head)), ...sections];
  const lengths = new ByteWriter();
  lengths.column(parts.map(({ length }) => length));
  const index = lengths.done();
  const front = new Uint8Array(4);
  new DataView(front.buffer).setUint32(0, index.length);
  const all = [front, index, ...parts];
  const joined = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of all) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** The reverse of {@link joinSections}. @throws RangeError or SyntaxError - when it is not what that made */
export function splitSections(joined: Uint8Array): { head: unknown; sections: Uint8Array[] } {
  const size = new DataView(joined.buffer, joined.byteOffset).getUint32(0);
  let at = 4 + size;
  const lengths = new ByteReader(joined.subarray(4, at)).column((length) => Array.from<number>({ length }));
  const parts = lengths.map((length) => {
    at += length;
    return joined.subarray(at - length, at);
  });
  const [head = new Uint8Array(0), ...sections] = parts;
  return { head: JSON.parse(new TextDecoder().decode(head)), sections };
}

/** Write columns of one length, in the order of their keys. */
export function writeTable<K extends string>(
  keys: readonly K[],
  table: Readonly<Record<K, ArrayLike<number>>>,
): Uint8Array {
  const out = new ByteWriter();
  for (const key of keys) out.column(table[key]);
  return out.done();
}

/** Read columns. @throws RangeError - when they are not what {@link writeTable} wrote */
export function readTable<K extends string>(keys: readonly K[], bytes: Uint8Array): Record<K, Float64Array> {
  const input = new ByteReader(bytes);
  const columns = keys.map((key) => [key, input.column((length) => new Float64Array(length))] as const);
  return Object.fromEntries(columns) as Record<K, Float64Array>;
}
