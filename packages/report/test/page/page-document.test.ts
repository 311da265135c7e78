import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { html } from '../../src/page/html.ts';
import { pageDocument } from '../../src/page/page-document.ts';

const sha = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

describe('pageDocument', () => {
  const page = pageDocument({
    title: 'A <title>',
    body: html`<main>${'<b>'}</main>`,
    styles: ['p { color: var(--ink) }'],
    scripts: ['document.title'],
    data: { run: { text: '</script><!--\u2028', n: 1 } },
  });

  it('allows exactly the styles and scripts that it has', () => {
    const policy = /content="(default-src[^"]*)"/.exec(page)?.[1] ?? '';
    const styles = [...page.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, text]) => sha(text ?? ''));
    const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text]) => sha(text ?? ''));
    expect(styles).toHaveLength(2);
    expect(scripts).toHaveLength(1);
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `style-src ${styles.join(' ')}`,
      `script-src ${scripts.join(' ')}`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  it('keeps data from ending its element, and gives it back', () => {
    const text = /<script type="application\/json" id="run">([\s\S]*?)<\/script>/.exec(page)?.[1] ?? '';
    expect(text).not.toContain('<');
    expect(JSON.parse(text)).toEqual({ text: '</script><!--\u2028', n: 1 });
  });

  it('escapes the title, and allows no script where there is none', () => {
    expect(page).toContain('<title>A &lt;title&gt;</title>');
    expect(pageDocument({ title: 'x', body: html`x` })).toContain("script-src 'none';");
  });

  it('refuses a program with an end tag in it, and data with an id that is none', () => {
    expect(() => pageDocument({ title: 'x', body: html`x`, scripts: ['"</script>"'] })).toThrow(RangeError);
    expect(() => pageDocument({ title: 'x', body: html`x`, data: { 'a"b': 1 } })).toThrow(RangeError);
  });
});
