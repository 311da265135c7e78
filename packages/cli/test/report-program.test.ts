import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { axeViolations, lacksChromium, overflow, useBrowser } from '../../../test/browser.ts';
import { begin, makeFolder, overmap, overmapped, recordings } from './program.ts';

const folder = makeFolder();
const slice = join(recordings, 'sel4test/slices/slice-aarch32-PT0002.jsonl.gz');

/** Audits, and gives back the path of the result. */
async function auditOf(name: string, input: string, ...options: readonly string[]): Promise<string> {
  const path = folder.path(name);
  const { code, stderr } = await overmap([
    'audit',
    input,
    ...options,
    '--format',
    'json',
    '--fail-on',
    'never',
    '-o',
    path,
  ]);
  if (code !== 0) throw new Error(stderr);
  return path;
}

/** Makes a page of results. */
async function pageOf(
  name: string,
  ...results: readonly string[]
): Promise<{ readonly path: string; readonly stderr: string }> {
  const path = folder.path(name);
  const { code, stderr } = await overmap(['report', ...results, '-o', path]);
  if (code !== 0) throw new Error(stderr);
  return { path, stderr };
}

interface Result {
  readonly findings: readonly { readonly rule: string; readonly fingerprint: string }[];
}
const resultOf = (path: string): Result => JSON.parse(readFileSync(path, 'utf8')) as Result;

describe('overmap report', () => {
  it('writes a page, and says where the worst findings are in it', async () => {
    const run = await auditOf('slice.json', slice, '--context');
    const { path, stderr } = await pageOf('slice.html', run);
    const overmaps = resultOf(run).findings.filter(({ rule }) => rule === 'OM001');
    expect(overmaps).toHaveLength(4);
    expect(stderr).toMatch(/slice\.html: 8 findings, \d+ kB\.\n/);
    for (const { fingerprint } of overmaps) expect(stderr).toContain(`OM001, test PT0002: ${path}#f-${fingerprint}`);
    expect(stderr).toContain('and 4 more findings, each at #f- and its fingerprint.');
    const page = readFileSync(path, 'utf8');
    expect(page).toContain('<h1>4 of 2,262 successful maps replaced another frame; strict would refuse them.</h1>');
    expect(page).toContain('id="rule-OM001"');
    expect(page).not.toContain('id="rule-OM002"');
  });

  it('reads gzipped results and standard input, and writes to standard output', async () => {
    const run = await auditOf('again.json', slice);
    const whole = await overmap(['report', '-'], { input: readFileSync(run) });
    expect(whole.code).toBe(0);
    expect(whole.stdout).toMatch(/^<!doctype html>/);
    const packed = await overmap(['report', '-'], { input: gzipSync(readFileSync(run)) });
    expect(packed.stdout).toBe(whole.stdout);
  });

  it('tells what is wrong with what it is given', async () => {
    const out = folder.path('never.html');
    const missing = await overmap(['report', folder.path('none.json'), '-o', out]);
    expect([missing.code, missing.stderr]).toEqual([3, expect.stringContaining('none.json: there is no such file')]);
    const trace = folder.write('trace.jsonl', overmapped);
    const wrong = await overmap(['report', trace, '-o', out]);
    expect(wrong.code).toBe(8);
    expect(wrong.stderr).toContain('cannot be shown: it is a trace: audit it first');
    const broken = await overmap(['report', '-', '-o', out], { input: Uint8Array.of(0x1f, 0x8b, 8, 0) });
    expect([broken.code, broken.stderr]).toEqual([
      8,
      'overmap: standard input cannot be unpacked: it is no whole gzip file.\n',
    ]);
    expect((await overmap(['report'])).code).toBe(2);
    const over = await overmap(['report', trace, '-o', trace]);
    expect([over.code, over.stderr]).toEqual([2, expect.stringContaining('which it would replace')]);
    // What could be read is shown all the same.
    const run = await auditOf('fine.json', slice);
    const half = await overmap(['report', folder.path('none.json'), run, '-o', out]);
    expect(half.code).toBe(3);
    expect(readFileSync(out, 'utf8')).toContain('id="findings"');
  });

  it('is named by audit: in its table, and in SARIF by rule and by finding', async () => {
    const page = folder.path('named page.html');
    const table = await overmap(['audit', slice, '--page', page]);
    const sarif = await overmap(['audit', slice, '--page', 'https://example.org/r.html#x', '--format', 'sarif']);
    const [run] = (JSON.parse(sarif.stdout) as { runs: readonly Sarif[] }).runs;
    expect(run?.tool.driver.rules.find(({ id }) => id === 'OM001')?.helpUri).toBe(
      'https://example.org/r.html#rule-OM001',
    );
    const [first] = run?.results ?? [];
    const fingerprint = first?.partialFingerprints['overmapFinding/v1'] ?? '';
    expect(first?.hostedViewerUri).toBe(`https://example.org/r.html#f-${fingerprint}`);
    expect(table.stdout).toContain(`${page}#f-${fingerprint}`);
    const local = await overmap(['audit', slice, '--page', page, '--format', 'sarif']);
    expect(local.stdout).toMatch(/"hostedViewerUri":"file:\/\/\/[^"]*named%20page\.html#f-/);
    expect((await overmap(['audit', slice, '--page', page, '--format', 'csv'])).code).toBe(2);
    expect((await overmap(['audit', slice, '--page', 'https://', '--format', 'sarif'])).code).toBe(2);
  });
});

interface Sarif {
  readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string; readonly helpUri?: string }[] } };
  readonly results: readonly {
    readonly hostedViewerUri?: string;
    readonly partialFingerprints: Readonly<Record<string, string>>;
  }[];
}

describe('the page of a recorded seL4 test, which needs chromium', { timeout: 90_000 }, () => {
  const open = useBrowser();
  const made = (async () => {
    if (lacksChromium) return { path: '', id: '' };
    const run = await auditOf('sel4.json', slice, '--context');
    const id = resultOf(run).findings.find(({ rule }) => rule === 'OM001')?.fingerprint ?? '';
    return { path: (await pageOf('sel4.html', run)).path, id };
  })();

  it.skipIf(lacksChromium)('filters, and says how many are left', async () => {
    const { page, close } = await open((await made).path);
    await expect.poll(() => page.getByRole('status').textContent()).toBe('8 findings of 2 rules');
    await page.getByRole('searchbox', { name: 'Find' }).fill('16 MiB');
    await expect.poll(() => page.getByRole('status').textContent()).toBe('1 of 8 findings');
    expect(await page.locator('.finding').count()).toBe(1);
    await page.getByRole('searchbox').fill('');
    await page.getByRole('checkbox', { name: /note/ }).uncheck();
    await expect.poll(() => page.getByRole('status').textContent()).toBe('4 of 8 findings');
    await page.getByRole('combobox', { name: 'Rule' }).selectOption('OM004');
    await expect.poll(() => page.locator('.empty').textContent()).toContain('No finding is like that');
    await close();
  });

  it.skipIf(lacksChromium)('sorts by address', async () => {
    const { page, close } = await open((await made).path);
    const addresses = async (): Promise<string[]> =>
      (await page.locator('#group-OM001 .where').allTextContents()).map((text) => /0x[0-9a-f]+/.exec(text)?.[0] ?? '');
    expect(await addresses()).toEqual(['0x13000000', '0x13000000', '0x11020000', '0x11002000']);
    await page.getByRole('combobox', { name: 'Sort by' }).selectOption('address');
    await expect.poll(addresses).toEqual(['0x11002000', '0x11020000', '0x13000000', '0x13000000']);
    await close();
  });

  it.skipIf(lacksChromium)('opens at a finding, and tells its story', async () => {
    const { path, id } = await made;
    const { page, close } = await open(path, { anchor: `f-${id}` });
    const row = page.locator(`#f-${id}`);
    expect(await row.evaluate((details) => (details as HTMLDetailsElement).open)).toBe(true);
    await expect.poll(() => page.evaluate(() => document.activeElement?.closest('.finding')?.id)).toBe(`f-${id}`);
    const label = await row.locator('svg').getAttribute('aria-label');
    expect(label).toContain('16 MiB of frame 0x41000000 at 0x13000000');
    expect(label).toContain('16 MiB of frame 0x7e000000 at 0x13000000');
    const capabilities = await row.locator('.capabilities tbody tr').first().locator('td').allTextContents();
    expect(capabilities).toEqual(['7589', '1735']);
    expect(await row.locator('.events .own').textContent()).toContain('this event');
    expect(await row.locator('.events .related').textContent()).toContain('made the mapping');
    const few = await row.locator('.events tbody tr').count();
    await row.getByRole('button', { name: /^Show all \d+ recorded events$/ }).click();
    expect(await row.locator('.events tbody tr').count()).toBeGreaterThan(few);
    expect(await row.textContent()).toContain('Unmap the capability that holds the place before mapping the other.');
    await row.getByRole('link', { name: /^About OM001/ }).click();
    await expect
      .poll(() => page.locator('#rule-OM001').evaluate((card) => (card as HTMLDetailsElement).open))
      .toBe(true);
    await close();
  });

  it.skipIf(lacksChromium)('goes to a finding that a filter hides', async () => {
    const { path, id } = await made;
    const { page, close } = await open(path);
    await page.getByRole('searchbox').fill('nothing is like this');
    await expect.poll(() => page.locator('.finding').count()).toBe(0);
    await page.evaluate((anchor) => {
      location.hash = anchor;
    }, `f-${id}`);
    await expect.poll(() => page.locator(`#f-${id}[open]`).count()).toBe(1);
    await close();
  });

  it.skipIf(lacksChromium)('is read by keyboard alone', async () => {
    const { page, close } = await open((await made).path);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content');
    await page.getByRole('button', { name: 'Dark' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
    await page.locator('.finding summary').first().focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.finding[open] .story').count()).toBe(1);
    await page.locator('.fold').first().focus();
    await page.keyboard.press('Space');
    expect(await page.locator('.rows').first().isHidden()).toBe(true);
    await close();
  });

  it.skipIf(lacksChromium).each([
    [390, 'light'],
    [390, 'dark'],
    [1440, 'light'],
    [1440, 'dark'],
    [320, 'light'],
  ] as const)('is accessible and fits, %i pixels wide, %s', async (width, theme) => {
    const { path, id } = await made;
    const { page, close } = await open(path, { width, theme, anchor: `f-${id}` });
    await page.locator('#rule-OM001 > summary').click();
    await page.locator('.counts > summary').click();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await axeViolations(page)).toEqual([]);
    await close();
  });
});

describe('pages of other results, which need chromium', { timeout: 120_000 }, () => {
  const open = useBrowser();

  it.skipIf(lacksChromium)('shows a Linux program, whose log has no records', async () => {
    const log = join(recordings, 'strace/xz.strace.gz');
    const run = await auditOf('xz.json', log, '--to', 'noreplace');
    const { path } = await pageOf('xz.html', run);
    const { page, close } = await open(path);
    expect(await page.locator('h1').textContent()).toMatch(/^7 of \d+ successful MAP_FIXED calls replaced live memory/);
    await page.locator('.finding summary').first().click();
    expect(await page.locator('.story').textContent()).toContain('A log of strace has no records to show');
    expect(await axeViolations(page)).toEqual([]);
    await close();
  });

  it.skipIf(lacksChromium).each([
    [
      'FreeBSD',
      'freebsd/pkru-recorded.jsonl.gz',
      ['--from', 'every_pmap_remove', '--to', 'pmap_map_delete'],
      /^In 921 operations 323 pages lose their keys/,
      ['The key was set on line 101', 'Protection key5'],
    ],
    ['Redox', 'redox/vectors.jsonl.gz', [], /^314 of 5,483 operations would come out otherwise/, []],
  ] as const)('shows a recording of %s, which has no records', async (system, input, options, verdict, says) => {
    const run = await auditOf(`${system}.json`, join(recordings, input), ...options);
    const { path } = await pageOf(`${system}.html`, run);
    const { page, close } = await open(path);
    expect(await page.locator('h1').textContent()).toMatch(verdict);
    await page.locator('.finding summary').first().click();
    const story = await page.locator('.story').textContent();
    expect(story).toContain('Of a recording of this system an audit keeps no records');
    for (const text of says) expect(story).toContain(text);
    // To make it with --context would change nothing.
    expect(await page.textContent('main')).not.toContain('--context');
    expect(await axeViolations(page)).toEqual([]);
    await close();
  });

  it.skipIf(lacksChromium)('shows source with the change that was proposed', async () => {
    // Patches name files from the folder in which they are made.
    const cwd = join(recordings, '..');
    const [run, fixes] = [folder.path('client.json'), folder.path('fixes.json')];
    const source = 'docs/examples/client';
    await overmap(['audit', source, '--format', 'json', '-o', run], { cwd });
    await overmap(['migrate', 'source', source, '--format', 'json', '-o', fixes], { cwd });
    const { path } = await pageOf('client.html', run, fixes);
    const { page, close } = await open(path);
    const row = page.locator('.finding').filter({ hasText: 'loader.c:' }).first();
    await row.locator('summary').click();
    expect(await row.locator('.places li').count()).toBeGreaterThan(0);
    expect(await row.locator('.diff .added').allTextContents()).toEqual([
      expect.stringContaining('seL4_ARM_Page_Unmap(frames[i]);'),
    ]);
    expect(await axeViolations(page)).toEqual([]);
    await close();
  });

  it.skipIf(lacksChromium)(
    'holds two runs against each other, and shows what they cost',
    async () => {
      const one = await auditOf('one.json', slice, '--context');
      const other = await auditOf('other.json', slice, '--off', 'OM004', '--to', 'exact,permissive');
      const costs = folder.path('costs.json');
      await overmap(['bench', '--trace', slice, '--format', 'json', '-o', costs]);
      const priced = folder.path('priced.json');
      await overmap(['bench', 'map', '--quick', '--arch', 'aarch64', '--format', 'json', '-o', priced]);
      const { path } = await pageOf('two.html', one, other, costs, priced);
      for (const [width, theme] of [
        [390, 'dark'],
        [1440, 'light'],
      ] as const) {
        const { page, close } = await open(path, { width, theme });
        expect(await page.locator('#comparison').textContent()).toContain('4 of 8 findings are in every run.');
        expect(await page.locator('#policies tbody tr').count()).toBe(2);
        await page.getByRole('combobox', { name: 'Runs' }).selectOption('0');
        await expect.poll(() => page.getByRole('status').textContent()).toBe('4 of 8 findings');
        await page.getByRole('combobox', { name: 'Runs' }).selectOption('every');
        await page.locator('.finding summary').first().click();
        await page.getByRole('button', { name: 'as in B' }).click();
        expect(await page.locator('.story').textContent()).toContain('made without --context');
        expect(await page.locator('#costs svg:visible').count()).toBeGreaterThan(1);
        expect(await page.locator('#costs').textContent()).toContain('Strictness asks for 4 more unmaps');
        expect(await overflow(page)).toBeLessThanOrEqual(0);
        expect(await axeViolations(page)).toEqual([]);
        await close();
      }
    },
    120_000,
  );

  it.skipIf(lacksChromium)('shows a hostile trace as text, from the trace to the page', async () => {
    const evil = `</script><script>document.title='run'</script>"><img src=x onerror="document.title='run'">\u202e\u001b[31m`;
    const site = { file: evil, line: 7, function: evil };
    const hostile = overmapped.map((line) => {
      const record = line as { readonly op?: string; readonly trace?: string };
      if (record.trace !== undefined) return { ...record, source: evil };
      return record.op === 'map' ? { ...record, site, thread: evil } : record;
    });
    const mark = { op: 'mark', at: 'start', name: `${evil}${'n'.repeat(850)}` };
    const trace = folder.write('hostile.jsonl', [hostile[0] ?? {}, mark, ...hostile.slice(1)]);
    const run = await auditOf('hostile.json', trace, '--context');
    const { path, stderr } = await pageOf('hostile.html', run);
    // oxlint-disable-next-line no-control-regex -- these must not reach a terminal
    expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    for (const width of [320, 1440]) {
      const { page, close } = await open(path, { width });
      await page.evaluate(() => {
        for (const details of document.querySelectorAll('details')) details.open = true;
      });
      await expect.poll(() => page.locator('.story').count()).toBeGreaterThan(0);
      expect(await page.locator('main').textContent()).toContain('<script>');
      expect(await page.locator('main').textContent()).toContain('\\u{202e}\\u{1b}[31m');
      expect(await page.locator('img, script:not([type]) ~ script:not([type])').count()).toBe(0);
      expect(await page.title()).toBe(`${path.replace(basename(path), 'hostile.jsonl')} · overmap report`);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      await close();
    }
  });

  it.skipIf(lacksChromium)('says so when there is nothing to find', async () => {
    const run = await auditOf('clean.json', folder.write('clean.jsonl', begin));
    const { path } = await pageOf('clean.html', run);
    const { page, close } = await open(path);
    expect(await page.locator('.empty').textContent()).toBe('No findings.');
    expect(await axeViolations(page)).toEqual([]);
    await close();
  });
});
