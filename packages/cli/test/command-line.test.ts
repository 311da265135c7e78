import { POLICIES } from '@overmap/core';
import { AUDIT_FORMATS } from '@overmap/report';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../src/command-line.ts';
import { POLICY_WORDS } from '../src/commands/common-options.ts';
import { UsageError } from '../src/usage-error.ts';

const parse = (line: string) => parseCommandLine(line.split(' ').filter(Boolean), 100);

/** The complaint about a command line: of its form, and, where that is right, of its values. */
async function complaint(line: string): Promise<string> {
  try {
    const request = await parse(line);
    if (request.kind === 'run') await request.run();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return '';
}

describe('help', () => {
  it.each(['--help', 'audit --help', 'replay --help', 'explain --help', 'completion --help'])(
    '%s has an example',
    async (line) => {
      const request = await parse(line);
      expect(request.kind).toBe('text');
      if (request.kind !== 'text') return;
      expect(request.text).toContain('Examples:');
      expect(request.text).toMatch(/ {2}overmap (?:(?:audit|replay) .*trace|explain OM|completion \w+ >)/);
      expect(Math.max(...request.text.split('\n').map((text) => text.length))).toBeLessThanOrEqual(100);
    },
  );

  it('is shown when nothing is asked', async () => {
    expect(await parse('')).toMatchObject({ kind: 'nothing', text: expect.stringContaining('audit') });
  });

  it('names every format of audits', async () => {
    expect(await complaint('audit x --format ?')).toContain(`Known: ${AUDIT_FORMATS.join(', ')}.`);
  });

  it('names every policy', () => {
    expect(POLICY_WORDS.split(', ')).toEqual(Object.keys(POLICIES));
  });
});

describe('a wrong command line is explained', () => {
  it.each([
    ['adit x', 'There is no verb "adit". Did you mean "audit"?'],
    ['frobnicate', 'There is no verb "frobnicate". Known: audit, report, explore, explain, replay'],
    ['audit', 'audit needs at least one INPUT'],
    ['replay --check', 'replay needs at least one TRACE'],
    ['audit x --formt json', 'overmap audit has no option "--formt". Did you mean --format?'],
    ['audit x --check', 'overmap audit has no option "--check"'],
    ['audit x -q', 'overmap audit has no option "-q"'],
    ['--frob', 'overmap has no option "--frob"'],
    [
      'audit x --format yaml',
      'There is no --format value "yaml". Known: table, json, jsonl, sarif, github, csv, md, trace-events.',
    ],
    ['replay x --format jsonl', 'There is no --format value "jsonl". Did you mean "json"?'],
    ['audit x --format sarf', 'Did you mean "sarif"?'],
    ['audit x --context', '--context shows in json and jsonl only'],
    ['audit x --baseline=', '--baseline needs a value.'],
    ['explain OM01', 'There is no rule "OM01". Did you mean "OM001"?'],
    ['explain --format html', 'There is no --format value "html". Known: text, md, json.'],
    ['completion', 'completion needs one shell: bash, zsh, fish.'],
    ['completion bash zsh', 'completion needs one shell'],
    ['completion bsh', 'Did you mean "bash"?'],
    ['audit x --fail-on eror', 'Did you mean "error"?'],
    ['audit x --to strct', 'There is no policy "strct". Did you mean "strict"?'],
    ['audit x --from legcy', 'Did you mean "legacy"?'],
    ['replay x --policy ./rule.mjs', 'There is no policy "./rule.mjs".'],
    ['audit x --only OM01', 'There is no rule "OM01". Did you mean "OM001"?'],
    ['audit x --off nonsense', 'There is no rule "NONSENSE".'],
    ['audit --only OM001 OM002 x', 'Several rules are written with commas: --only OM001,OM002.'],
    ['audit x --only OM001 --off OM001,OM002', '--only and --off both name OM001'],
    ['audit x --from legacy --from strict', '--from is given more than once.'],
    ['audit x -o', 'Not enough arguments following: o.'],
    ['audit x --to', 'Not enough arguments following: to.'],
    ['audit x --to=', '--to needs a value.'],
    ['audit x --only ,', '--only needs a value.'],
    ['audit - x -', 'Standard input (-) can be read only once.'],
    ['replay x --partial', '--partial says what --check may accept'],
    ['audit x --to ./no-such-rule.mjs', 'There is no rule ./no-such-rule.mjs'],
  ])('%s', async (line, words) => {
    expect(await complaint(line)).toContain(words);
  });

  it('without letting anything through to the terminal', async () => {
    const message = await complaint('audit x --to \u001b[31mstrict\u202e');
    expect(message).toContain('"\\u{1b}[31mstrict\\u{202e}"');
  });
});
