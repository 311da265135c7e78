import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { axeViolations, lacksChromium, overflow, useBrowser } from '../../../test/browser.ts';
import { begin, makeFolder, overmap, recordings } from './program.ts';

const folder = makeFolder();
const slice = join(recordings, 'sel4test/slices/slice-aarch32-PT0002.jsonl.gz');
const suite = join(recordings, 'sel4test/sel4test-aarch32.jsonl.gz');
const program = join(recordings, 'strace/java.strace.gz');

/**
 * Milliseconds of the processor that one interaction may take, all its tasks together. It is 20 to 70 on a desktop; a
 * machine of other work has colder caches.
 */
const MOST_WORK = 150;

/** Makes a page once. @returns its path and what was said about it */
function pages(): (input: string, ...options: string[]) => Promise<{ readonly file: string; readonly said: string }> {
  const made = new Map<string, Promise<{ file: string; said: string }>>();
  return (input, ...options) => {
    const key = [input, ...options].join(' ');
    let page = made.get(key);
    if (page === undefined) {
      const file = folder.path(`page-${made.size}.html`);
      page = overmap(['explore', input, '-o', file, ...options]).then(({ code, stderr, stdout }) => {
        expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '' });
        return { file, said: stderr };
      });
      made.set(key, page);
    }
    return page;
  };
}
const pageOf = pages();

/** The anchor of the first finding of a rule, as the command has printed it. */
const anchorOf = (said: string, rule: string): string => new RegExp(`${rule}, .*#(f-\\w+)`).exec(said)?.[1] ?? '';

const ready = (page: Page): Promise<unknown> => page.waitForSelector('html[data-ready]');
const eventAt = async (page: Page): Promise<number> =>
  Number((await page.inputValue('[data-event-number]')).replaceAll(',', ''));
/** Press a key, and wait until the event is what it should be. */
async function press(page: Page, key: string, event: number): Promise<void> {
  await page.keyboard.press(key);
  await expect.poll(() => eventAt(page)).toBe(event);
}

describe('explore', () => {
  it('writes a page, and says how long it took and where findings are', async () => {
    const { file, said } = await pageOf(slice);
    expect(said).toMatch(
      /6,995 of 6,995 records, 8 findings, [\d,]+ kB; audit [\d.]+ s, events [\d.]+ s, page [\d.]+ s\./,
    );
    expect(said).toMatch(/OM001, event 5753: .*page-0\.html#f-[0-9a-f]{32}\n/);
    expect(readFileSync(file, 'utf8')).toContain("default-src 'none'");
  });

  it('stays small for a large trace, and says what it leaves out', async () => {
    const { file, said } = await pageOf(suite);
    expect(statSync(file).size).toBeLessThan(5e6);
    expect(said).toMatch(/[\d,]+ of 1,279,822 records are left out: /);
  }, 120_000);

  it.each<[number, string, string[], string]>([
    [2, 'no input', [], 'needs at least one TRACE'],
    [2, 'two inputs', [slice, slice], 'a page shows one'],
    [2, 'standard input', ['-'], 'may read a trace twice'],
    [2, 'a number of events that is none', [slice, '--events', 'many'], 'from 100 to 200000'],
    [2, 'a rule of one’s own', [slice, '--to', './rule.mjs'], 'does not run in it'],
    [2, 'a policy for an strace log', [program, '--to', 'exact'], 'is an strace log of Linux'],
    [2, 'a recording of Redox', [join(recordings, 'redox/vectors.jsonl.gz')], 'explore shows traces of seL4'],
    [2, 'its output as input', [slice, '-o', slice], 'name another file'],
    [3, 'a missing input', [folder.path('missing'), '-o', folder.path('x.html')], 'there is no such file'],
    [8, 'what is no trace', [folder.write('plain.jsonl', ['nothing']), '-o', folder.path('x.html')], 'a trace'],
  ])('answers %i to %s', async (code, _, args, says) => {
    const ended = await overmap(['explore', ...args]);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain(says);
  });
});

describe('the page of a recorded seL4 trace, which needs chromium', () => {
  const open = useBrowser();

  it.skipIf(lacksChromium)('opens at the worst finding, steps by keys, and goes to what is asked for', async () => {
    const { file } = await pageOf(slice);
    const { page, close } = await open(file);
    await ready(page);
    expect(await eventAt(page)).toBe(5753);
    await press(page, 'ArrowRight', 5754);
    await press(page, 'Shift+ArrowRight', 5764);
    await press(page, 'ArrowLeft', 5763);
    await press(page, ']', 5764);
    await press(page, '[', 5763);
    await press(page, 'Home', 0);
    await press(page, 'End', 6994);
    await page.fill('[data-event-number]', '5,777');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.textContent('[data-event-title]')).toContain('Map capability');
    expect(await page.textContent('[data-event-where]')).toContain('event 5,777 · line 5,779 · PT0002');
    await page.locator('[data-event-where]').click();
    await page.keyboard.press('?');
    await expect.poll(() => page.locator('[data-keys]').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    await close();
  });

  it.skipIf(lacksChromium)('compares the policies at a finding that an anchor names', async () => {
    const { file, said } = await pageOf(slice);
    const { page, close } = await open(file, { anchor: anchorOf(said, 'OM001') });
    await ready(page);
    const answers = await page.locator('[data-answers] > li').allTextContents();
    expect(answers).toEqual([
      'recorded✓ ok',
      'legacy✓ ok',
      'strict✗ DeleteFirst≠ first difference',
      'exact✗ DeleteFirst≠ differs',
      'permissive✓ ok',
      'permissive-aware✓ ok',
    ]);
    expect(await page.textContent('[data-answers-about]')).toBe(
      'The place holds a page of 16 MiB, frame 0x41000000, mapped by event 5,752: another frame.',
    );
    // What the map did, and what it left behind.
    expect(await page.locator('.line-over').allTextContents()).toEqual([
      '0x1300000016 MiB pageframe 0x7e000000◆ over-mapped: another frame was here',
    ]);
    expect(await page.textContent('[data-effects]')).toContain('16 entries were written: a page of 16 MiB');
    expect(await page.locator('tr.is-stale').allTextContents()).toEqual([
      '173516 MiB frame 0x41000000 (rw)0x13000000, ASID 2▨ stale',
    ]);
    // One event on, the stale capability is unmapped and nothing happens.
    await press(page, 'ArrowRight', 5754);
    expect(await page.locator('tr.is-stale').count()).toBe(0);
    expect(await page.locator('[data-answers] > li').count()).toBe(0);
    // And back: the state is the same as before.
    await press(page, 'ArrowLeft', 5753);
    expect(await page.locator('[data-answers] > li').allTextContents()).toEqual(answers);
    expect(await page.locator('tr.is-stale').count()).toBe(1);
    await close();
  });

  it.skipIf(lacksChromium)('filters its findings, and jumps to one', async () => {
    const { file } = await pageOf(slice);
    const { page, close } = await open(file);
    await ready(page);
    expect(await page.locator('[data-findings] > li').count()).toBe(8);
    await page.selectOption('[data-findings-rule]', 'OM004');
    await expect.poll(() => page.locator('[data-findings] > li').count()).toBe(4);
    await page.fill('[data-findings-search]', '0x13000000 5871');
    await expect.poll(() => page.textContent('[data-findings-count]')).toBe('1 of 8 findings');
    await page.click('[data-findings] a');
    await expect.poll(() => eventAt(page)).toBe(5764);
    expect(page.url()).toMatch(/#f-[0-9a-f]{32}$/);
    await page.fill('[data-findings-search]', 'nothing of that');
    await expect.poll(() => page.textContent('[data-findings]')).toBe('None of them matches.');
    await close();
  });

  it.skipIf(lacksChromium)('draws lanes that can be zoomed, and tells the same as a table', async () => {
    const { file } = await pageOf(slice);
    const { page, close } = await open(file);
    await ready(page);
    await page.click('[data-lanes-table] > summary');
    const rows = page.locator('[data-lanes-rows] > tr');
    await expect.poll(() => rows.count()).toBeGreaterThan(10);
    await page.click('[data-lanes-one]');
    await expect
      .poll(async () => new Set(await rows.locator('td:first-child:not([colspan])').allTextContents()).size)
      .toBe(1);
    const told = await rows.allTextContents();
    expect(told.some((text) => text.includes('0x1300000016 MiB1735') && text.includes('5,753 replaced'))).toBe(true);
    expect(told.some((text) => text.includes('0x1300000016 MiBstale capability5,7535,754'))).toBe(true);
    expect(told.some((text) => text.includes('5,787 replaced'))).toBe(true);
    await page.click('[data-lanes-in]');
    await page.click('[data-lanes-in]');
    const gone = async (): Promise<boolean> =>
      (await rows.allTextContents()).some((text) => text.includes('5,787 replaced'));
    await expect.poll(gone).toBe(false);
    // A click on the picture goes to the event below it.
    const box = await page.locator('.lanes-base').boundingBox();
    if (box === null) throw new Error('no picture');
    await page.mouse.click(box.x + box.width - 20, box.y + 60);
    await expect.poll(() => eventAt(page)).toBeGreaterThan(5753);
    await close();
  });

  it.skipIf(lacksChromium)('of a part of the trace says so, and goes on over what is left out', async () => {
    const { file, said } = await pageOf(slice, '--events', '500');
    expect(said).toContain('are left out: the page shows 2 parts');
    const { page, close } = await open(file, { anchor: 'e-3000' });
    await ready(page);
    expect(await page.textContent('[data-anchor-note]')).toContain('Event 3000 is left out');
    expect(await page.textContent('.notice summary')).toMatch(/of 6,995 records are left out/);
    const first = await eventAt(page);
    expect(first).toBeGreaterThan(3000);
    await press(page, 'ArrowLeft', 199);
    await press(page, 'ArrowRight', first);
    await page.keyboard.press(']');
    await expect.poll(() => eventAt(page)).toBe(5753);
    expect(await page.textContent('[data-answers-verdict]')).toBe(
      'strict and exact would answer otherwise than recorded.',
    );
    await close();
  });

  it.skipIf(lacksChromium)('of a migrated trace shows the times in which places are empty', async () => {
    const migrated = folder.path('migrated.jsonl');
    const { code, stderr } = await overmap(['migrate', 'trace', slice, '--to', 'strict', '-o', migrated]);
    expect(code, stderr).toBe(0);
    const { file } = await pageOf(migrated, '--events', '500');
    const { page, close } = await open(file);
    await ready(page);
    expect(await page.textContent('.notice')).toContain('around 4 unmaps of the migration');
    expect(await page.locator('[data-legend-gap]').isVisible()).toBe(true);
    await page.keyboard.press('0');
    await page.click('[data-lanes-table] > summary');
    const gaps = page.locator('[data-lanes-rows] > tr', { hasText: 'empty after a migration' });
    // The four over-maps of the test: each place is empty from its unmap to the map behind it.
    await expect
      .poll(() => gaps.locator('td:nth-child(n + 2):not(:nth-child(4))').allTextContents())
      .toEqual(
        [
          ['0x13000000', '16 MiB', '5,753', '5,754'],
          ['0x13000000', '1 MiB', '5,763', '5,764'],
          ['0x11020000', '64 KiB', '5,777', '5,778'],
          ['0x11002000', '4 KiB', '5,787', '5,788'],
        ].flat(),
      );
    await close();
  });

  it.skipIf(lacksChromium)(
    'says every answer in one line, at every width, and to a screen reader what happened',
    async () => {
      const { file } = await pageOf(slice);
      const { page, close } = await open(file);
      await ready(page);
      for (const width of [320, 390, 700, 780, 1024, 1440, 1920]) {
        await page.setViewportSize({ width, height: 900 });
        const heights = await page
          .locator('.answer-who + *')
          .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
        expect(heights).toHaveLength(6);
        expect(Math.max(...heights), `at ${width}`).toBeLessThan(34);
      }
      expect(await page.locator('[data-now][role=status]').textContent()).toContain(
        'Map capability 7589 (16 MiB) at 0x13000000 in vspace 1716✓ ok≠ strict: DeleteFirst',
      );
      await close();
    },
  );

  it.skipIf(lacksChromium)(
    'takes little of the processor for anything that is asked of 85,000 records',
    async () => {
      const { file } = await pageOf(suite);
      const { page, close } = await open(file, { anchor: 'e-0' });
      const debug = await page.context().newCDPSession(page);
      // What the page's thread has worked, not what it has waited for other programs.
      await debug.send('Performance.enable', { timeDomain: 'threadTicks' });
      const worked = async (): Promise<number> => {
        const { metrics } = await debug.send('Performance.getMetrics');
        return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN);
      };
      await ready(page);
      const press = (key: string) => () => page.keyboard.press(key);
      const theme = (name: string) => () => page.click(`[data-theme-choice=${name}]`);
      for (const [name, act] of [
        ['the next event', press('ArrowRight')],
        ['the next finding', press(']')],
        ['the last event', press('End')],
        ['all the time', press('0')],
        ['dark', theme('dark')],
        ['light', theme('light')],
        ['less', press('+')],
        ['more', press('-')],
      ] as const) {
        await page.waitForTimeout(200);
        const before = await worked();
        await act();
        await page.waitForTimeout(400);
        expect((await worked()) - before, name).toBeLessThan(MOST_WORK);
      }
      await close();
    },
    120_000,
  );

  it.skipIf(lacksChromium).each([
    ['light', 1440],
    ['dark', 1440],
    ['light', 390],
    ['dark', 390],
  ] as const)('is accessible in %s at a width of %i', async (theme, width) => {
    const { file } = await pageOf(slice);
    const { page, close } = await open(file, { theme, width });
    await ready(page);
    expect(await axeViolations(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    await close();
  });
});

describe('the page of a Linux program, which needs chromium', () => {
  const open = useBrowser();

  it.skipIf(lacksChromium)('shows its memory, and what MAP_FIXED_NOREPLACE would answer', async () => {
    const { file, said } = await pageOf(program);
    const { page, close } = await open(file, { anchor: anchorOf(said, 'OL001') });
    await ready(page);
    expect(await page.textContent('[data-event-title]')).toBe('mmap: 16 KiB of anonymous memory at 0x7f94918e0000');
    expect(await page.locator('[data-answers] > li').allTextContents()).toEqual([
      'recorded✓ 0x7f94918e0000',
      'MAP_FIXED✓ 0x7f94918e0000',
      'MAP_FIXED_NOREPLACE✗ EEXIST≠ first difference',
    ]);
    expect(await page.locator('.line-changed').allTextContents()).toEqual([
      '0x7f94918e000016 KiB, rw-anonymous● mapped by this call',
    ]);
    expect(await page.locator('[data-effects] > li').allTextContents()).toEqual([
      'Replaced: 16 KiB at 0x7f94918e0000 (anonymous)',
      'Appeared: 16 KiB at 0x7f94918e0000 (anonymous)',
    ]);
    expect(await page.locator('[data-capabilities-section]').isVisible()).toBe(false);
    expect(await axeViolations(page)).toEqual([]);
    await close();
  });
});

describe('the page of a hostile trace, which needs chromium', () => {
  const open = useBrowser();
  const evil = `</script><script>document.title='run'</script><img src=x onerror="document.title='run'">\u202e\u001b[2J`;
  const site = { file: evil, line: 7, function: 'x'.repeat(900) };
  const mapped = { op: 'map', vspace: 10, vaddr: '0x400000', rights: 'rw', attr: 0, ret: 'ok', site, thread: evil };
  const lines = [
    { ...(begin[0] as object), source: evil },
    { op: 'mark', name: evil, at: 'start' },
    { op: 'mark', name: 'y'.repeat(1000), at: 'start' },
    ...begin.slice(1),
    { ...mapped, cap: 20 },
    { ...mapped, cap: 21 },
  ];
  const input = folder.write(`${'evil'}.jsonl`, lines);
  const log = folder.write('evil.strace', [
    `7 mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, 3</x</script><img src=y onerror=alert(1)>.so>, 0) = 0x7f0000000000`,
    `7 mmap(0x7f0000000000, 4096, PROT_READ, MAP_PRIVATE|MAP_FIXED, 3</x</script><img src=y onerror=alert(1)>.so>, 0) = 0x7f0000000000`,
  ]);

  it.skipIf(lacksChromium).each([input, log])('shows %s as text', async (path) => {
    const { file } = await pageOf(path);
    const { page, close } = await open(file, { width: 390 });
    await ready(page);
    expect(await page.title()).not.toBe('run');
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.textContent('main')).toContain(path === input ? '<img src=x' : '<img src=y');
    const shown = (await page.textContent('main')) ?? '';
    for (const control of ['\u202e', '\u001b']) expect(shown).not.toContain(control);
    for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'End', '0', '-']) await page.keyboard.press(key);
    expect(await overflow(page)).toBe(0);
    await close();
  });
});
