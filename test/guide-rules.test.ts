import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { OK, Policy, type SlotRule } from '@overmap/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONFIGURATIONS } from '../packages/core/test/sel4/configurations.ts';
import { everyMap, invocations, layoutOf, prepared, smallWorld } from '../packages/core/test/sel4/small-world.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const guide = readFileSync(join(root, 'docs/guide-rules.md'), 'utf8');
const example = join(root, 'docs/examples/no-stale-remap.mjs');

describe('docs/guide-rules.md', () => {
  const sessions = [...guide.matchAll(/^```console\n\$ overmap ([^\n]*)\n([\s\S]*?)^```$/gm)];

  it('shows four sessions', () => {
    expect(sessions).toHaveLength(4);
  });

  it.each(sessions.map(([, command = '', output = '']) => ({ command, output })))(
    'shows what is really printed: overmap $command',
    { timeout: 60_000 },
    ({ command, output }) => {
      const { stdout, stderr, status } = spawnSync(
        process.execPath,
        [join(root, 'packages/cli/bin/overmap.js'), ...command.split(' ')],
        { cwd: root, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined } },
      );
      expect({ stdout, status }).toEqual({ stdout: output, status: 0 });
      // A search says on standard error how long it took.
      expect(stderr).toMatch(/^(?:overmap: [\d,]+ states of [^\n]*\n)?$/);
    },
  );

  it('shows the rule of the example', () => {
    const [, code = ''] = /^```js\n([\s\S]*?)^```$/m.exec(guide) ?? [];
    expect(code).toContain('noStaleRemap');
    expect(readFileSync(example, 'utf8')).toContain(code);
  });
});

describe('the rule of the guide', async () => {
  const { default: rule } = (await import(pathToFileURL(example).href)) as { readonly default: SlotRule };

  it.each(CONFIGURATIONS)('opens nothing beside strict, and answers as exact does: $name', (configuration) => {
    let [asked, opened, unlike] = [0, 0, 0];
    fc.assert(
      fc.property(invocations(configuration, 120), (sequence) => {
        // The state is one in which everything was allowed, so that there is much to refuse.
        let asks = false;
        const w = smallWorld(configuration, (slot) => (asks ? rule(slot) : 'ok'));
        for (const [n, drawn] of sequence.entries()) {
          w.invokePacked(prepared(w, drawn));
          if (n % 8 > 0) continue;
          asks = true;
          for (const map of everyMap(configuration)) {
            const [answer, strict] = [w.checkPacked(map), w.checkPacked(map, Policy.strict)];
            if (answer !== w.checkPacked(map, Policy.exact)) unlike++;
            if (answer === OK && strict !== OK) opened++;
            asked++;
          }
          asks = false;
        }
      }),
      { numRuns: 100, seed: 3 },
    );
    expect({ opened, unlike }).toEqual({ opened: 0, unlike: 0 });
    expect(asked).toBeGreaterThan(10_000);
  });

  it.each(CONFIGURATIONS)('closes the stale remap, which strict lets through: $name', (configuration) => {
    let asks = false;
    const w = smallWorld(configuration, (slot) => (asks ? rule(slot) : 'ok'));
    const { frames, vspaces, addresses } = layoutOf(configuration);
    const map = (cap = 0) =>
      ({ op: 'map', cap, vspace: vspaces[0] ?? 0, vaddr: addresses[0] ?? 0n, rights: 'rw' }) as const;
    const [a, b] = [map(frames[0]), map(frames[1])];
    w.must(a);
    w.must(b);
    asks = true;
    expect(w.check(a, Policy.strict)).toEqual({ ret: 'ok' });
    expect(w.check(a)).toEqual({ ret: 'DeleteFirst' });
    expect(w.check(b)).toEqual({ ret: 'ok' });
  });
});
