import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'overmap-guide-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How large a page is changes with every word of a card. */
const withoutSizes = (text: string): string => text.replace(/\d+ kB/g, 'N kB');

it('shows in the guide to the report what the commands really print', () => {
  const guide = readFileSync(join(root, 'docs/guide-report.md'), 'utf8');
  const session = /^```\n(\$ overmap [^]*?)^```$/m.exec(guide)?.[1] ?? '';
  const commands = [...session.matchAll(/^\$ overmap ([^\n]*)\n((?:(?!\$ )[^\n]*\n)*)/gm)];
  expect(commands).toHaveLength(3);
  symlinkSync(join(root, 'recordings'), join(folder, 'recordings'));
  for (const [, args = '', shown = ''] of commands) {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, 'packages/cli/bin/overmap.js'), ...args.split(' ')],
      {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1' },
      },
    );
    expect(withoutSizes(shown)).toBe(withoutSizes(stdout + stderr));
  }
  expect(existsSync(join(folder, 'report.html'))).toBe(true);
}, 60_000);
