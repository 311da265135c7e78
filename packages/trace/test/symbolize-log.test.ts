import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { InputUnreadableError, MalformedInputError, symbolizeLog, ToolError } from '@overmap/trace';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'overmap-symbolize-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, text: string | Uint8Array): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

/** A program that answers as addr2line does, by a table of addresses; what it was given goes to standard error. */
function fakeTool(name: string, table: Readonly<Record<string, readonly string[]>>, end = ''): string {
  const path = file(
    name,
    `#!${process.execPath}
const { readFileSync } = require('node:fs');
const table = ${JSON.stringify(table)};
for (const address of readFileSync(0, 'utf8').trim().split('\\n')) {
  console.log('0x' + address.slice(2).padStart(16, '0'));
  console.log((table[address] ?? ['??', '??:0']).join('\\n'));
}
${end}`,
  );
  chmodSync(path, 0o755);
  return path;
}

const elf = file('client.elf', 'not read by the fake');
const site = (at: string, from: string): string => `"site":{"file":"${at}","line":0,"from":"${from}"}`;
const unmap = (rest: string): string => `{"op":"unmap","cap":7,"ret":"ok",${rest}}`;

async function symbolized(text: string | Uint8Array, tool: string, name = 'serial.log') {
  let out = '';
  const summary = await symbolizeLog(
    file(name, text),
    elf,
    (line) => {
      out += line;
    },
    { addr2line: tool },
  );
  return { out, summary };
}

// Two bytes before the return addresses.
const tool = fakeTool('fake-addr2line', {
  '0xffe': ['overmap_seL4_ARM_Page_Unmap', '/x/overmap_capture_calls.h:9', 'attach', 'driver.c:41 (discriminator 3)'],
  '0x1ffe': ['overmap_seL4_ARM_Page_Unmap', '/x/overmap_capture_calls.h:9'],
  '0x2ffe': ['by_pointer', 'C:\\src\\$& "odd".c:12'],
  '0x3ffe': ['main', '/x/overmap_capture_calls.h:9', 'main', 'a.cc:3'],
  '0x4ffe': ['stripped', '??:?'],
});

describe('symbolizeLog', () => {
  it('takes the first function that is no wrapper, and the wrapper’s caller where the wrapper was not inlined', async () => {
    const log = [
      'booting',
      `[ 0.1] ${unmap(site('0x1000', '0x9000'))} and more`,
      unmap(site('0x2000', '0x3000')),
      unmap(site('0x4000', '0x9000')),
      unmap(site('0x5000', '0x9000')),
      unmap(site('0x6000', '0x9000')),
      unmap('"site":{"file":"driver.c","line":7}'),
      'no end of line',
    ].join('\n');
    const { out, summary } = await symbolized(log, tool);
    expect(out.split('\n')).toEqual([
      'booting',
      `[ 0.1] ${unmap('"site":{"file":"driver.c","line":41,"function":"attach"}')} and more`,
      unmap('"site":{"file":"C:\\\\src\\\\$& \\"odd\\".c","line":12,"function":"by_pointer"}'),
      unmap('"site":{"file":"a.cc","line":3,"function":"main"}'),
      unmap('"site":{"file":"0x5000","line":0,"function":"stripped"}'),
      unmap(site('0x6000', '0x9000')),
      unmap('"site":{"file":"driver.c","line":7}'),
      'no end of line',
    ]);
    expect(summary).toEqual({ lines: 8, sites: 5, placed: 3, named: 1, unknown: 1 });
  });

  it('leaves line ends and other text as they are, and reads gzip', async () => {
    const log = `ü\r\n${unmap(site('0x1000', '0x9000'))}\r\n\n`;
    const { out } = await symbolized(gzipSync(log), tool, 'serial.log.gz');
    expect(out).toBe(`ü\r\n${unmap('"site":{"file":"driver.c","line":41,"function":"attach"}')}\r\n\n`);
  });

  it('asks nobody when there is nothing to ask', async () => {
    const { summary } = await symbolized('only text\n', join(folder, 'no-such-tool'));
    expect(summary).toEqual({ lines: 1, sites: 0, placed: 0, named: 0, unknown: 0 });
  });

  const log = `${unmap(site('0x1000', '0x9000'))}\n`;
  const nothing = (): void => {
    throw new Error('nothing may be written');
  };
  it('says what to do when addr2line is missing, fails, or is something else', async () => {
    const path = file('serial.log', log);
    const run = (addr2line: string) => symbolizeLog(path, elf, nothing, { addr2line });
    await expect(run(join(folder, 'no-such-tool'))).rejects.toThrow(ToolError);
    await expect(run(join(folder, 'no-such-tool'))).rejects.toThrow('there is no such program. It comes with binutils');
    const failing = fakeTool('failing', {}, 'console.error("file format not recognized"); process.exit(1)');
    await expect(run(failing)).rejects.toThrow('client.elf: file format not recognized. For a program of another');
    const other = fakeTool('other', {}, 'console.log("0x1\\nmore\\n??:0")');
    await expect(run(other)).rejects.toThrow('answered 3 of 2 addresses');
  });

  it('says which file it cannot read', async () => {
    const path = file('serial.log', log);
    const missing = join(folder, 'missing');
    await expect(symbolizeLog(missing, elf, nothing)).rejects.toThrow(InputUnreadableError);
    await expect(symbolizeLog(folder, elf, nothing)).rejects.toThrow('is no file');
    await expect(symbolizeLog(path, missing, nothing)).rejects.toThrow(/cannot read .*missing: there is no such file/);
    await expect(symbolizeLog(path, folder, nothing)).rejects.toThrow('is a folder');
    const broken = file('broken.log.gz', gzipSync('x'.repeat(1000)).subarray(0, 20));
    await expect(symbolizeLog(broken, elf, nothing)).rejects.toThrow(MalformedInputError);
  });
});
