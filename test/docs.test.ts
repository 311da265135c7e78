import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  ALL_RULES,
  auditTrace,
  LINUX_RULES,
  migrateTrace,
  type PolicyChoice,
  RULES,
  replayTrace,
} from '@overmap/migrate';
import { cardMarkdown, type Finding } from '@overmap/report';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const docs = join(root, 'docs');
const scratch = mkdtempSync(join(tmpdir(), 'overmap-docs-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const read = (path: string): string => readFileSync(path, 'utf8');
const card = (id: string): string => read(join(docs, 'rules', `${id}.md`));

interface Block {
  /** Words behind the language. */
  readonly words: readonly string[];
  readonly text: string;
}

/** The fenced blocks of a language. */
const blocks = (markdown: string, language: string): Block[] =>
  [...markdown.matchAll(/^```(\w+)([^\n]*)\n([\s\S]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , words, text]) => ({ words: (words ?? '').split(' ').filter(Boolean), text: text ?? '' }));

const setUp = blocks(read(join(docs, 'rules/README.md')), 'jsonl').find(({ words }) => words.includes('set-up'));

/** What the audit finds in a sequence of a card. */
async function findings(name: string, { text, words }: Block): Promise<{ rules: string[]; divergences: number }> {
  const path = join(scratch, `${name}.jsonl`);
  writeFileSync(path, text.startsWith('{"trace"') ? text : `${setUp?.text}${text}`);
  const found: Finding[] = [];
  const to = words.find((word) => word.startsWith('to='))?.slice(3) ?? 'strict';
  const ended = await auditTrace(
    path,
    { to: to as PolicyChoice, version: 'test', strictInput: true },
    { begin: () => {}, finding: (finding) => found.push(finding), end: () => {} },
  );
  const { divergenceCount } = await replayTrace(path, { check: true });
  expect(ended.badLines).toBe(0);
  return { rules: found.map(({ rule }) => rule), divergences: divergenceCount };
}

describe('the cards of the rules', () => {
  it('are those of the rules, and are listed', () => {
    const cards = readdirSync(join(docs, 'rules')).filter((name) => /^O[FLMPR]\d+\.md$/.test(name));
    expect(cards.toSorted()).toEqual(ALL_RULES.map(({ id }) => `${id}.md`).toSorted());
    const index = read(join(docs, 'rules/README.md'));
    for (const { id, title, severity } of ALL_RULES)
      expect(index).toContain(`| [${id}](${id}.md) | ${title} | ${severity} |`);
  });

  it.each(ALL_RULES)('$id is what scripts/rule-cards.mjs writes', (rule) => {
    expect(card(rule.id)).toBe(cardMarkdown(rule));
  });

  it.each(RULES)('$id: the audit finds the bad sequence and not the good one', async ({ id }) => {
    const sequences = blocks(card(id), 'jsonl');
    const bad = sequences.find(({ words }) => words.includes('bad'));
    const good = sequences.find(({ words }) => words.includes('good'));
    if (bad === undefined || good === undefined) throw new Error(`${id} lacks a sequence`);
    const inBad = await findings(`${id}-bad`, bad);
    const inGood = await findings(`${id}-good`, good);
    expect(inBad.rules).toContain(id);
    expect(inGood.rules).not.toContain(id);
    // What the cards claim that the kernel answers is what the model answers.
    expect(inBad.divergences).toBe(id === 'OM902' ? 1 : 0);
    expect(inGood.divergences).toBe(0);
  });
});

describe('the cards of strace logs', () => {
  it.each(LINUX_RULES)('$id: the audit finds the bad sequence and not the good one', async ({ id }) => {
    const sequences = blocks(card(id), 'strace');
    const rules = async (kind: string): Promise<string[]> => {
      const block = sequences.find(({ words }) => words.includes(kind));
      if (block === undefined) throw new Error(`${id} lacks a ${kind} sequence`);
      const path = join(scratch, `${id}-${kind}.strace`);
      writeFileSync(path, block.text);
      const found: Finding[] = [];
      await auditTrace(
        path,
        {
          version: 'test',
          strictInput: true,
          ...(block.words.includes('to=noreplace') ? { linuxTo: 'noreplace' } : {}),
        },
        { begin: () => {}, finding: (finding) => found.push(finding), end: () => {} },
      );
      return found.map(({ rule }) => rule);
    };
    expect(await rules('bad')).toContain(id);
    expect(await rules('good')).not.toContain(id);
  });
});

describe('the card of windows', () => {
  it.each([
    ['bad', ['0x10000000']],
    ['good', []],
  ])('a migration tells what the %s sequence says', async (kind, expected) => {
    const block = blocks(card('OM012'), 'jsonl').find(({ words }) => words.includes(kind));
    const path = join(scratch, `OM012-${kind}.jsonl`);
    writeFileSync(path, `${setUp?.text}${block?.text}`);
    const { planner, failure } = await migrateTrace(path, join(scratch, 'OM012-out.jsonl'), { to: 'strict' });
    expect(failure).toBeNull();
    expect(planner.notes.windows.map(({ vaddr }) => vaddr)).toEqual(expected);
  });
});

/** Every page of the project that people read. */
const pages = [
  ...readdirSync(docs, { recursive: true, encoding: 'utf8' }).map((name) => join(docs, name)),
  ...readdirSync(root).map((name) => join(root, name)),
  ...readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name, 'README.md')),
].filter((path) => path.endsWith('.md') && existsSync(path));

describe('links', () => {
  it.each(pages.map((path) => relative(root, path)))('of %s lead somewhere', (page) => {
    const text = read(join(root, page)).replace(/^```[\s\S]*?^```$/gm, '');
    const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => target ?? '')
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? join(root, page) : join(root, dirname(page), path);
        if (!existsSync(file)) return true;
        return anchor !== undefined && !anchors(file).includes(anchor);
      });
    expect(broken).toEqual([]);
  });

  it('reach every page of docs from its index', () => {
    const index = join(docs, 'README.md');
    const seen = new Set([index]);
    for (const page of seen) {
      for (const [, target = ''] of read(page).matchAll(/\]\(([^)#\s]+\.md)[^)\s]*\)/g)) {
        const path = join(dirname(page), target);
        if (path.startsWith(docs) && existsSync(path)) seen.add(path);
      }
    }
    const missed = pages.filter((path) => path.startsWith(docs) && !seen.has(path));
    expect(missed.map((path) => relative(root, path))).toEqual([]);
  });
});

/** The anchors of a page's headings. */
const anchors = (path: string): string[] =>
  [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    (heading ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

const examples = readdirSync(join(docs, 'examples')).filter((name) => name.endsWith('.mjs'));
const overmap = 'packages/cli/bin/overmap.js';
const slice = 'recordings/sel4test/slices/slice-aarch32-PT0002.jsonl.gz';

describe('examples', () => {
  // The build that npm test makes first, as a reader of the docs has it.
  it.each(examples)('%s runs', (name) => {
    const { status, stderr } = spawnSync(process.execPath, [join('docs/examples', name)], {
      cwd: root,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('same-frame.mjs is a rule that refuses the over-maps of a recording', () => {
    const args = [overmap, 'audit', slice, '--to', 'docs/examples/same-frame.mjs', '--format', 'json'];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    expect(status).toBe(1);
    const { to, summary } = JSON.parse(stdout) as { to: string; summary: { sel4: Record<string, number> } };
    expect(to).toBe('docs/examples/same-frame.mjs');
    expect(summary.sel4).toMatchObject({ overmaps: 4, outcomeChanges: 4 });
  });
});
