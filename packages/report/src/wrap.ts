/**
 * Breaks a text into lines at its spaces.
 *
 * @param text - without colours
 * @param width - columns of the whole line
 * @param indent - what every line but the first begins with; the first one's is `first`
 * @param first - what the first line begins with
 * @returns lines, without line ends; a word that is longer than a line stays whole
 */
export function wrap(text: string, width: number, indent: string, first: string = indent): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(' ')) {
    if (word === '') continue;
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  lines.push(line);
  return lines;
}
