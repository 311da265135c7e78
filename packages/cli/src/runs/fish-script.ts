import type { Verb } from '../verb.ts';

/** What makes fish complete verbs and long options. */
export function fishScript(verbs: readonly Verb[]): string {
  const names = verbs.map(({ name }) => name).join(' ');
  const lines = ['# overmap: verbs and options', 'complete -c overmap -n __fish_use_subcommand -l help -d "Show help"'];
  for (const { name, describe, options } of verbs) {
    lines.push(
      `complete -c overmap -n "not __fish_seen_subcommand_from ${names}" -f -a ${name} -d ${quote(describe)}`,
      `complete -c overmap -n "__fish_seen_subcommand_from ${name}" -l help -d "Show help"`,
    );
    for (const [key, option] of Object.entries(options)) {
      const alias = typeof option.alias === 'string' ? option.alias : undefined;
      const long = key.length > 1 ? key : alias;
      const short = [key, alias].find((word) => word?.length === 1);
      const parts = [
        `complete -c overmap -n "__fish_seen_subcommand_from ${name}"`,
        ...(long === undefined ? [] : [`-l ${long}`]),
        ...(short === undefined ? [] : [`-s ${short}`]),
        ...(option.requiresArg === true ? ['-r'] : []),
        `-d ${quote(option.describe ?? '')}`,
      ];
      lines.push(parts.join(' '));
    }
  }
  return `${lines.join('\n')}\n`;
}

/** A word for fish: within single quotes only the backslash and the quote itself mean something. */
const quote = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
