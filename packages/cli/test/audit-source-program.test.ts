import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeFolder, overmap } from './program.ts';

const folder = makeFolder();
const PRINTED = `int show(int *frames, int n, long window)
{
    for (int i = 0; i < n; i++) {
        int error = seL4_ARM_Page_Map(frames[i], vspace, window, rights, 0);
        if (error) { printf("no page\\n"); }
        memset((void *)window, 0, 4096);
    }
    return 0;
}
`;

describe('overmap audit of source', () => {
  it('takes a file, and a folder, for source', async () => {
    mkdirSync(folder.path('tree'));
    writeFileSync(folder.path('tree/show.c'), PRINTED);
    for (const input of ['tree', 'tree/show.c']) {
      const { code, stdout, stderr } = await overmap(['audit', folder.path(input), '--fail-on', 'warning']);
      expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
      expect(stdout).toContain('OM101 relies on over-mapping: 1 finding');
      expect(stdout).toContain('show.c:4 (show)');
    }
  });

  it('what the analysis suspects is a warning, so that the default code is 0', async () => {
    writeFileSync(folder.path('show.c'), PRINTED);
    expect(await overmap(['audit', folder.path('show.c'), '--format', 'json'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('says what it left out, and that a folder is missing', async () => {
    mkdirSync(folder.path('more/node_modules'), { recursive: true });
    writeFileSync(folder.path('more/a.c'), PRINTED);
    const { stderr } = await overmap(['audit', folder.path('more'), '--verbose']);
    expect(stderr).toMatch(/node_modules: left out/);
    expect(stderr).toMatch(/9 lines in \d/);
    const missing = await overmap(['audit', folder.path('nothing.c')]);
    expect(missing.code).toBe(3);
    expect(missing.stderr).toContain('nothing.c cannot be read: there is no such file or folder.');
  });

  it('explains its rules', async () => {
    const { code, stdout } = await overmap(['explain', 'OM104']);
    expect(code).toBe(0);
    expect(stdout).toContain('OM104 DeleteFirst taken for success');
  });
});
