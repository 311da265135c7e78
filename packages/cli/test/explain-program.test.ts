import { RULES } from '@overmap/migrate';
import { describe, expect, it } from 'vitest';
import { makeFolder, overmap } from './program.ts';

const folder = makeFolder();

describe('overmap explain', () => {
  it('lists the rules', async () => {
    const { code, stdout, stderr } = await overmap(['explain']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const { id, severity, title } of RULES)
      expect(stdout).toMatch(new RegExp(`^${id} +${severity} +${title}`, 'm'));
  });

  it.each(RULES)('says all about $id', async ({ id, title, bad }) => {
    const { code, stdout } = await overmap(['explain', id.toLowerCase()]);
    expect(code).toBe(0);
    expect(stdout).toContain(`${id} ${title}`);
    expect(stdout).toContain(bad.lines[0]);
    expect(stdout).not.toMatch(/\]\(/);
  });

  it('says several, as data or as pages too, and into a file', async () => {
    const json = await overmap(['explain', 'OM002', 'OM001', '--format', 'json']);
    expect((JSON.parse(json.stdout) as { id: string }[]).map(({ id }) => id)).toEqual(['OM001', 'OM002']);
    const md = await overmap(['explain', 'OM001', '--format', 'md']);
    expect(md.stdout).toMatch(/^# OM001: over-map\n/);
    expect(await overmap(['explain', '-o', folder.path('rules.txt')])).toMatchObject({ code: 0, stdout: '' });
    expect(await overmap(['explain', '-o', folder.path('no/rules.txt')])).toMatchObject({ code: 6 });
  });

  it('helps with an id that there is not', async () => {
    const { code, stdout, stderr } = await overmap(['explain', 'OM01']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('There is no rule "OM01". Did you mean "OM001"?');
  });
});
