/**
 * A JSON object in the middle of a line of other text.
 *
 * @param text - one line
 * @param start - index of its opening brace
 * @returns index behind its closing brace; -1 when it does not close
 */
export function objectEnd(text: string, start: number): number {
  let depth = 0;
  for (let p = start; p < text.length; p++) {
    switch (text.charCodeAt(p)) {
      case 0x7b:
        depth++;
        break;
      case 0x7d:
        if (--depth === 0) return p + 1;
        break;
      case 0x22:
        for (p++; p < text.length && text.charCodeAt(p) !== 0x22; p++) if (text.charCodeAt(p) === 0x5c) p++;
        break;
      default:
    }
  }
  return -1;
}
