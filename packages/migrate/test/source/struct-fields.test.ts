import { describe, expect, it } from 'vitest';
import { fieldsOf, typeIn } from '../../src/source/struct-fields.ts';

describe('the members of a struct', () => {
  const body = `{
    const char *name; /* int fake; */
    int (*map)(int a, int b);
    void *(*const make)(void);
#ifdef X
    unsigned flags : 3, more : 2;
#endif
    struct { int x; int y; } inner[4];
    map_fn table[2];
}`;
  const names = ['name', 'map', 'make', 'flags', 'more', 'inner', 'table'];

  it('are told in their order', () => {
    expect(typeIn(`struct other { int a; };\nstruct ops ${body};`, 'ops')).toEqual({ fields: names });
    expect(typeIn(`typedef struct ${body} ops_t;`, 'ops_t')).toEqual({ fields: names });
    expect(typeIn(`typedef struct tag ${body} ops_t;`, 'ops_t')).toEqual({ fields: names });
    expect(fieldsOf(`struct ${body}`)).toEqual(names);
  });

  it('are those of another name', () => expect(typeIn('typedef struct ops ops_t;', 'ops_t')).toEqual({ alias: 'ops' }));

  it.each(['struct ops;', 'struct ops o = { 1, 2 };', 'int f(void) { return ops; }', 'struct ops { int a;'])(
    'are not in %s',
    (text) => expect(typeIn(text, 'ops')).toBeNull(),
  );
});
