import { describe, expect, it } from 'vitest';
import { GithubAuditWriter } from '../src/github.ts';
import { Collected, finding, head, note, summaryOf } from './samples.ts';

function lines(write: (writer: GithubAuditWriter) => void): string[] {
  const out = new Collected();
  const writer = new GithubAuditWriter(out, (rule) => (rule === 'OM001' ? 'over-map' : undefined));
  write(writer);
  writer.close();
  return out.text.split('\n').slice(0, -1);
}

describe('GithubAuditWriter', () => {
  it('annotates the line of the trace, or of the source where it is known', () => {
    const site = { file: 'src/a, b.c', line: 88, function: 'swap' };
    const [first, second, third] = lines((writer) => {
      writer.begin(head);
      writer.finding(finding);
      writer.finding({ ...finding, severity: 'warning', site });
      writer.finding(note);
    });
    expect(first).toBe(
      '::error file=trace.jsonl,line=12,title=OM001 over-map at 0x400000::Capability 8 replaced the page of frame 0x1000. strict answers DeleteFirst. Test PT0002. Fix: Unmap first.',
    );
    expect(second).toMatch(/^::warning file=src\/a%2C b\.c,line=88,title=.*Line 12 of trace\.jsonl\. Test PT0002\./);
    expect(third).toMatch(/^::notice file=trace\.jsonl,line=22,title=OM003::/);
  });

  it('escapes what would end a property or a message', () => {
    const [line] = lines((writer) => {
      writer.begin({ ...head, input: 'a:b,c%d' });
      writer.finding({ ...finding, message: '50%, yes: 5\nno' });
    });
    expect(line).toContain('file=a%3Ab%2Cc%25d,');
    expect(line).toContain('::50%25, yes: 5\\u{a}no');
  });

  it('ends with the result, or with why there is none', () => {
    const said = lines((writer) => {
      writer.begin(head);
      writer.end(summaryOf({ mapsOk: 3 }, {}, { severities: { note: 1, warning: 0, error: 2 } }));
      writer.fail('too late');
      writer.begin(head);
      writer.fail('broken');
    });
    expect(said[0]).toMatch(/^overmap: trace\.jsonl: 2 errors, 0 warnings, 1 note\. None of 3 successful maps/);
    expect(said.slice(1)).toEqual(['::error title=overmap::broken']);
  });
});
