import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html, htmlText, svgHtml } from '../../src/page/html.ts';

describe('html', () => {
  it('escapes what is put in, in text and in attributes', () => {
    const hostile = `"><img src=x onerror='alert(1)'>&amp;`;
    expect(html`<p title="${hostile}">${hostile}</p>`.markup).toBe(
      '<p title="&quot;&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;amp;">&quot;&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;amp;</p>',
    );
  });

  it('puts markup in as it is, and nothing for what is not there', () => {
    const items = ['a', 'b<'].map((text) => html`<li>${text}</li>`);
    expect(html`<ul>${items}</ul>${null}${false}${undefined}${12}${svgHtml('<svg/>')}`.markup).toBe(
      '<ul><li>a</li><li>b&lt;</li></ul>12<svg/>',
    );
  });

  it('shows control, bidirectional and invisible characters, and keeps the breaks of lines', () => {
    expect(htmlText('a\u001b[31mb\u202ec\u200b').markup).toBe('a\\u{1b}[31mb\\u{202e}c\\u{200b}');
    expect(htmlText('one\ntwo\r\u2028').markup).toBe('one\ntwo\\u{d}\\u{2028}');
  });

  it('cuts what is huge', () => {
    const { markup } = html`${'x'.repeat(100_000)}`;
    expect(markup).toHaveLength(4001);
    expect(markup.endsWith('…')).toBe(true);
    expect(htmlText('ab\ncd', 3).markup).toBe('ab\n…');
  });

  it('lets no text end its element or its attribute', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...`<>"'&`), fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 20 }),
        (text) => {
          expect(html`${text.join('')}`.markup).not.toMatch(/[<>"'\u202a-\u202e\u2066-\u2069]|(?!\n)\p{Cc}/u);
        },
      ),
    );
  });
});
