import { describe, expect, it } from 'vitest';
import { MarkdownAuditWriter } from '../src/audit-markdown.ts';
import { Collected, finding, head, note, summaryOf } from './samples.ts';

function written(write: (writer: MarkdownAuditWriter) => void): string {
  const out = new Collected();
  const writer = new MarkdownAuditWriter(out, (rule) => (rule === 'OM001' ? 'over-map' : undefined));
  write(writer);
  writer.close();
  return out.text;
}
const severities = { note: 3, warning: 0, error: 2 };

describe('MarkdownAuditWriter', () => {
  it('gives the result, the places and what to do', () => {
    const text = written((writer) => {
      writer.begin(head);
      writer.finding(finding);
      writer.finding({ ...finding, line: 20 });
      writer.finding({ ...finding, site: { file: 'driver.c', line: 88, function: 'swap' } });
      writer.finding(note);
      writer.end(summaryOf({ mapsOk: 5, overmaps: 2, outcomeChanges: 2 }, {}, { severities, known: { OM004: 4 } }));
    });
    expect(text).toContain('### overmap: <code>trace.jsonl</code>\n\n<code>x86&#95;64</code>, <code>legacy</code> → ');
    expect(text).toContain(
      '**2 errors, 0 warnings, 3 notes, 4 known before.** 2 of 5 successful maps replaced another frame; strict would refuse them.',
    );
    expect(text).toContain(
      [
        '| severity | rule | where | findings | first |',
        '|---|---|---|---:|---|',
        '| error | OM001 over-map | <code>test PT0002</code> | 2 | line 12, 0x400000, 4 KiB |',
        '| error | OM001 over-map | <code>driver.c&#58;88 (swap)</code> | 1 | line 12, 0x400000, 4 KiB |',
        '| note | OM003 | <code>test PT0002</code> | 3 | line 22 |',
        '',
        '- OM001: Unmap first.',
        '',
      ].join('\n'),
    );
    expect(text).toMatch(/```text\n {2}events +1,234,567\n[^`]*```\n\n<\/details>/);
  });

  it('lists twenty places of a rule, and counts the others', () => {
    const text = written((writer) => {
      writer.begin(head);
      for (let n = 0; n < 25; n++) writer.finding({ ...finding, test: `T${n}` });
      writer.end(summaryOf({}));
    });
    expect(text.match(/^\| error \| OM001 over-map \| <code>test T/gm)).toHaveLength(20);
    expect(text).toContain('| error | OM001 over-map | other places | 5 | |\n');
  });

  it('says why there are no counts', () => {
    const text = written((writer) => {
      writer.begin(head);
      writer.finding(finding);
      writer.fail('line 3: no record');
    });
    expect(text).toContain('**The audit ended early, so there are no counts:** line 3: no record');
    expect(text).toContain('| error | OM001 over-map |');
    expect(text).not.toContain('<details>');
  });
});
