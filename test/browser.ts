import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';

/** Debian's and Ubuntu's place for it; another one by the environment. */
const executable = process.env['OVERMAP_CHROMIUM'] ?? '/usr/bin/chromium';
const required = (process.env['OVERMAP_REQUIRE_TOOLS'] ?? '') !== '';

/** Whether tests that need chromium ("needs chromium" in their titles) are passed over: it is missing, and may be. */
export const lacksChromium: boolean = !required && !existsSync(executable);

// Skipped tests have no names in what is printed: once for each file that has some, this line tells.
if (lacksChromium)
  console.warn(
    `No ${executable}: tests of pages, which need chromium, are passed over. Install it, or name one with OVERMAP_CHROMIUM.`,
  );

/** How a page is opened. */
export interface OpenOptions {
  /** CSS pixels; 1440 × 900 if not given. */
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
  /** The part behind `#`, without it. */
  readonly anchor?: string;
}

/** A page that was opened from the disk, offline. */
export interface OpenedPage {
  readonly page: Page;
  /** Requests (the page's own file aside), errors, messages of the console and breaches of the page's policy, so far. */
  readonly incidents: readonly string[];
  /** Fails if there were incidents; then closes the page. */
  readonly close: () => Promise<void>;
}

/**
 * A browser for the tests of a file; call it at the top of a `describe`. It runs from the first test to the last.
 *
 * @returns opens a page, waits until its programs have run
 */
export function useBrowser(): (file: string, options?: OpenOptions) => Promise<OpenedPage> {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (!lacksChromium) browser = await chromium.launch({ executablePath: executable, args: ['--no-sandbox'] });
  }, 60_000);
  afterAll(async () => browser?.close());
  return async (file, { width = 1440, height = 900, theme = 'light', anchor } = {}) => {
    if (browser === undefined) throw new Error('The browser does not run.');
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: theme,
      reducedMotion: 'reduce',
      offline: true,
    });
    const page = await context.newPage();
    const own = pathToFileURL(file).href;
    const incidents: string[] = [];
    page.on('request', (request) => {
      const url = request.url();
      if (url.split('#')[0] !== own && !url.startsWith('data:')) incidents.push(`request: ${url}`);
    });
    page.on('console', (message) => incidents.push(`console.${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => incidents.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => {
      incidents.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('popup', () => incidents.push('popup'));
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
    await page.goto(anchor === undefined ? own : `${own}#${anchor}`);
    const close = async (): Promise<void> => {
      // What was refused is told a little later.
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
      await context.close();
      expect(incidents).toEqual([]);
    };
    return { page, incidents, close };
  };
}

/**
 * What axe-core finds in a page as it stands, serious and critical only: "color-contrast (serious): #id …", one line for
 * each element. (It is evaluated by the debugger, to which the page's policy does not apply.)
 */
export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate(`axe.run(document, { resultTypes: ['violations'] })`)) as axe.AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, impact, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} (${impact}): ${target.join(' ')} ${failureSummary ?? ''}`),
    );
}

/** Whether the page is wider than its window: by how many CSS pixels. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
