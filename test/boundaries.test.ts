import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { breaches, importsOf, type Room, readRooms } from './boundaries.ts';

const room = (dir: string, text: string, manifest: Room['manifest'] = {}, path = 'src/deep/a.ts'): Room => ({
  dir,
  manifest: { name: `@overmap/${dir}`, ...manifest },
  files: [{ path, text }],
});

describe('the rooms of this workspace', () => {
  const rooms = readRooms(fileURLToPath(new URL('../packages', import.meta.url)));

  it('are all read', () => {
    expect(rooms.map(({ dir }) => dir)).toEqual(expect.arrayContaining(['core', 'cli']));
    for (const { dir, files } of rooms) {
      expect(
        files.map(({ path }) => path),
        dir,
      ).toContain('src/index.ts');
    }
    const cli = rooms.find(({ dir }) => dir === 'cli');
    expect(cli?.files.find(({ path }) => path === 'bin/overmap.js')?.text).toContain('../bundle/main.js');
  });

  it('keep the import order', () => {
    expect(breaches(rooms)).toEqual([]);
  });
});

describe('importsOf', () => {
  it.each([
    ["import { a } from 'x';", ['x']],
    ["import type { A } from 'x';", ['x']],
    ["import 'x';", ['x']],
    ["export * from 'x';", ['x']],
    ["export type { A } from 'x';", ['x']],
    ["const a = await import('x');", ['x']],
    ["type A = import('x').A;", ['x']],
    ["const a = require('x');", ['x']],
    ["// import 'x';\nconst a = \"import 'y'\";", []],
  ])('%s', (text, names) => {
    expect(importsOf(text)).toEqual(names);
  });
});

describe('breaches', () => {
  const uses = (...names: string[]) => ({ dependencies: Object.fromEntries(names.map((name) => [name, '*'])) });

  it.each<[string, Room]>([
    ['a room to the left', room('report', "import '@overmap/trace';", uses('@overmap/trace'))],
    ['its own files', room('core', "import '../b.ts'; import './c.ts';")],
    ['Node', room('trace', "import 'node:fs';")],
    ['a declared dependency, and a path in it', room('cli', "import 'yargs/helpers';", uses('yargs'))],
    ['a tool of core that does not ship', room('core', '', { devDependencies: { 'fast-check': '1' } })],
  ])('allows %s', (_, good) => {
    expect(breaches([good])).toEqual([]);
  });

  it.each<[string, Room, string]>([
    ['a room to the right', room('trace', "import '@overmap/report';", uses()), 'report is not left of trace'],
    ['a neighbour', room('bench', "import type {} from '@overmap/migrate';", uses()), 'migrate is not left of bench'],
    ['itself by name', room('trace', "import '@overmap/trace';", uses()), 'trace is not left of trace'],
    ['a room to the right by import()', room('trace', "import('@overmap/cli');"), 'cli is not left of trace'],
    ['a dependency to the right', room('trace', '', uses('@overmap/cli')), 'cli is not left of trace'],
    ['an unknown room', room('cli', "import '@overmap/attic';"), 'attic is not in the import order'],
    ['Node in core', room('core', "import 'node:fs';"), 'core imports nothing but'],
    ['a package in core', room('core', "import 'yargs';"), 'core imports nothing but'],
    ['a dependency of core', room('core', '', uses('yargs')), 'core imports nothing but'],
    [
      'internals by name',
      room('cli', "import '@overmap/core/src/x.ts';", uses('@overmap/core')),
      'inside of @overmap/core',
    ],
    ['internals by path', room('cli', "import '../../../core/src/x.ts';"), 'outside of its package'],
    ['what is not declared', room('cli', "import 'yargs';"), 'yargs is not among the dependencies of cli'],
    ['a package that is not in the order', room('attic', ''), 'not in the import order'],
    ['a package with another name', room('trace', '', { name: '@overmap/core' }), 'is named @overmap/core'],
  ])('finds %s', (_, bad, reason) => {
    const found = breaches([bad]);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(reason);
  });
});
