import { describe, expect, it } from 'vitest';
import { CsvAuditWriter } from '../src/csv.ts';
import { Collected, finding, head, note, summaryOf } from './samples.ts';

const HEADER =
  'input,rule,severity,message,event,line,test,phase,file,file_line,function,vaddr,bits,mapped_lines,fix,confidence,cause,count,fingerprint\n';

describe('CsvAuditWriter', () => {
  it('has one header and a row for each finding of all inputs', () => {
    const out = new Collected();
    const writer = new CsvAuditWriter(out);
    writer.begin(head);
    writer.finding({ ...finding, fingerprint: 'f', site: { file: 'a.c', line: 3, function: null } });
    writer.end(summaryOf({}));
    writer.begin({ ...head, input: 'other.jsonl' });
    writer.finding(note);
    writer.fail('broken');
    writer.close();
    expect(out.text).toBe(
      `${HEADER}trace.jsonl,OM001,error,Capability 8 replaced the page of frame 0x1000. strict answers DeleteFirst.,10,12,PT0002,,a.c,3,,0x400000,12,10,Unmap first.,,,,f\n` +
        'other.jsonl,OM003,note,3 capabilities still record mappings that are gone.,20,22,PT0002,cleanup,,,,,,,,,,3,\n',
    );
  });

  it('has its header also where nothing is found', () => {
    const out = new Collected();
    const writer = new CsvAuditWriter(out);
    writer.begin(head);
    writer.end(summaryOf({}));
    expect(out.text).toBe(HEADER);
  });

  it('quotes, and takes formulas for text', () => {
    const out = new Collected();
    const writer = new CsvAuditWriter(out);
    writer.begin({ ...head, input: '=1+1' });
    writer.finding({ ...finding, test: '@a"b,c', message: 'x\ny' });
    expect(out.text.slice(HEADER.length)).toMatch(/^'=1\+1,OM001,error,x\\u\{a\}y,10,12,"'@a""b,c",/);
  });
});
