import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { arch, platform, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { replayTrace } from '@overmap/migrate';
import { afterAll, describe, expect, it } from 'vitest';
import { lacks } from './tools.ts';

const COMPILER = 'cc';
const source = fileURLToPath(new URL('linux-live/driver.c', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'overmap-live-'));
const driver = join(folder, 'driver');

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Sequences of each kind that OVERMAP_LIVE asks for: what another kernel does is no test of this tree unless asked. */
const SEEDS = Number(process.env['OVERMAP_LIVE'] ?? '0');
if (!Number.isSafeInteger(SEEDS) || SEEDS < 0)
  throw new Error('OVERMAP_LIVE is how many sequences to run: a whole number');

const run = (seed: number, operations: number, family: string) =>
  spawnSync(driver, [String(seed), String(operations), family], { maxBuffer: 2 ** 30 });

/** Why this machine's kernel cannot be asked; null where it can. Compiles the driver. */
function unsuited(): string | null {
  if (SEEDS === 0) return 'OVERMAP_LIVE=12 asks for 12 sequences of each kind';
  if (platform() !== 'linux' || arch() !== 'x64') return `this is ${platform()} on ${arch()}, not Linux on x86-64`;
  const [major = 0, minor = 0] = release().split('.').map(Number);
  if (major < 6 || (major === 6 && minor < 17)) return `Linux ${release()} is older than 6.17`;
  if (lacks('cc')) return null;
  const compiled = ['-static', '-no-pie'].some(
    (how) => spawnSync(COMPILER, ['-O1', '-Wall', '-Wextra', '-Werror', how, '-o', driver, source]).status === 0,
  );
  // That it does not compile is for the tests to say.
  return compiled && run(1, 1, 'whole').status === 3 ? 'what the driver does is not allowed here' : null;
}

const reason = unsuited();
const note = reason === null ? '(needs cc)' : `passed over: ${reason}`;

describe.skipIf(reason !== null || lacks('cc'))(`the model against the kernel of this machine, ${note}`, () => {
  const agree = async (family: string, seeds: number, operations: number): Promise<void> => {
    const differing: unknown[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      const { status, stdout } = run(seed, operations, family);
      expect(status, `driver ${seed} ${operations} ${family}`).toBe(0);
      const path = join(folder, `${family}.jsonl`);
      writeFileSync(path, stdout);
      const { report, badLines } = await replayTrace(path, { check: true, keep: 1 });
      expect({ badLines, some: report.events >= operations }).toEqual({ badLines: 0, some: true });
      if (report.divergences.length > 0) differing.push({ seed, first: report.divergences[0] });
    }
    expect(differing).toEqual([]);
  };

  it.each(['plain', 'touch', 'whole'])(
    'agrees on random sequences: %s',
    async (family) => {
      await agree(family, SEEDS, 300);
      expect.hasAssertions();
    },
    600_000,
  );

  it('agrees near the limit of VMAs', async () => {
    await agree('limit', Math.min(SEEDS, 3), 700);
    expect.hasAssertions();
  }, 600_000);
});
