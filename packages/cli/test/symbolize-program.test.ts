import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeFolder, overmap } from './program.ts';

const folder = makeFolder();
const record = '{"op":"unmap","cap":7,"ret":"ok","site":{"file":"0x1000","line":0,"from":"0x2000"}}';
const log = folder.write('serial.log', ['booting', record]);
const text = folder.write('plain.log', ['booting']);
const elf = folder.write('client.elf', ['not a program']);

describe('symbolize', () => {
  it('leaves a log without addresses as it is, and says so', async () => {
    const ended = await overmap(['symbolize', text, elf]);
    expect(ended).toMatchObject({ code: 0, stdout: 'booting\n' });
    expect(ended.stderr).toContain('nothing was rewritten');
    const out = folder.path('out.log');
    expect(await overmap(['symbolize', text, elf, '-o', out])).toMatchObject({ code: 0, stdout: '' });
    expect(readFileSync(out, 'utf8')).toBe('booting\n');
  });

  it.each<[number, string, string[], string]>([
    [2, 'no input', [], 'needs at least one log'],
    [2, 'no program', [log], 'needs the program that wrote the log'],
    [2, 'too much', [log, elf, elf], 'too much'],
    [2, 'standard input', ['-', elf], 'reads the log twice'],
    [2, 'the output is the log', [log, elf, '-o', log], 'name another file'],
    [3, 'a missing log', [folder.path('missing'), elf], 'there is no such file'],
    [3, 'a missing program', [log, folder.path('missing')], 'there is no such file'],
    [3, 'a missing addr2line', [log, elf, '--addr2line', folder.path('no-tool')], 'It comes with binutils'],
    [6, 'an output that cannot be written', [log, elf, '-o', '/nowhere/x'], 'cannot be written'],
  ])('answers %i to %s', async (code, _, args, says) => {
    const ended = await overmap(['symbolize', ...args]);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain(says);
  });

  it('writes nothing when it fails', async () => {
    const out = folder.path('never.log');
    await overmap(['symbolize', log, elf, '--addr2line', folder.path('no-tool'), '-o', out]);
    expect(existsSync(out)).toBe(false);
    expect(readFileSync(log, 'utf8')).toContain(record);
  });
});
