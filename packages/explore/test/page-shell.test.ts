import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { html, pageDocument, themeSwitch } from '@overmap/report';
import { afterAll, describe, expect, it } from 'vitest';
import { axeViolations, lacksChromium, useBrowser } from '../../../test/browser.ts';

const folder = mkdtempSync(join(tmpdir(), 'overmap-page-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hostile = `</title></script><script>document.title='run'</script><img src="https://example.invalid/x" onerror="document.title='run'">\u202e\u001b[2J`;

describe('the shell of a page, which needs chromium', () => {
  const open = useBrowser();
  const file = join(folder, 'page.html');
  writeFileSync(
    file,
    pageDocument({
      title: hostile,
      body: html`<main><h1>A page</h1><p id="text" title="${hostile}">${hostile}</p>${themeSwitch()}</main>`,
      scripts: [
        `document.querySelector('h1').textContent = JSON.parse(document.getElementById('data').textContent).text`,
      ],
      data: { data: { text: hostile } },
    }),
  );

  it.skipIf(lacksChromium)('runs its own programs and nothing of a text', async () => {
    const { page, close } = await open(file);
    expect(await page.locator('h1').textContent()).toBe(hostile);
    expect(await page.locator('#text').textContent()).toContain('<script>');
    expect(await page.locator('#text').textContent()).toContain('\\u{202e}\\u{1b}[2J');
    expect(await page.title()).not.toBe('run');
    expect(await page.locator('img').count()).toBe(0);
    await close();
  });

  it.skipIf(lacksChromium)('refuses what its policy does not name', async () => {
    const { page, incidents, close } = await open(file);
    await page.evaluate(() => {
      document.body.setAttribute('style', 'color: red');
      const script = document.createElement('script');
      script.textContent = 'document.title = "run"';
      document.body.append(script);
    });
    for (const refused of ['policy: style-src-attr', 'policy: script-src-elem'])
      await expect.poll(() => incidents.some((text) => text.includes(refused))).toBe(true);
    expect(await page.title()).not.toBe('run');
    await expect(close()).rejects.toThrow('to deeply equal');
  });

  it.skipIf(lacksChromium).each(['light', 'dark'] as const)('has no serious violation in %s', async (theme) => {
    const { page, close } = await open(file, { theme });
    expect(await axeViolations(page)).toEqual([]);
    await close();
  });
});
