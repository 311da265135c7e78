import { describe, expect, it } from 'vitest';
import { analyseText } from '../../src/source/analyse.ts';
import type { SourceSite } from '../../src/source/site.ts';

const HEAD = '#define WINDOW 0x10000000\n#define SECOND (WINDOW + 0x1000)\nextern seL4_CPtr frames[], other, root;\n';
const map = (frame: string, vaddr: string): string => `seL4_ARM_Page_Map(${frame}, vs, ${vaddr}, R, 0)`;
const must = (frame: string, vaddr: string): string => `if (${map(frame, vaddr)}) { return -1; }`;
const sitesIn = (text: string): readonly SourceSite[] => analyseText('a.c', 'c', HEAD + text).sites;
const inC = (text: string): string[] => sitesIn(text).map(({ verdict }) => verdict);
const body = (text: string): string[] =>
  inC(`int f(seL4_CPtr a, seL4_CPtr b, int n, seL4_Word v) { ${text} return 0; }`);

describe('what is unmapped between two maps', () => {
  it.each([
    ['seL4_ARM_Page_Unmap(a);', 'cannot tell'],
    ['seL4_CNode_Delete(root, a, 32);', 'cannot tell'],
    ['seL4_CNode_Revoke(root, untyped, 32);', 'cannot tell'],
    ['seL4_ARM_Page_Unmap(other);', 'relies'],
    ['seL4_CNode_Delete(root, b, 32);', 'relies'],
    // It may be the same one: it was handed on, and comes back.
    ['keep(a); seL4_ARM_Page_Unmap(other);', 'cannot tell'],
  ])('%s: %s', (between, verdict) => {
    expect(body(`${must('a', 'WINDOW')} ${between} ${must('b', 'WINDOW')}`)[1]).toBe(verdict);
  });

  it.each([
    ['frames[i]', 'safe'],
    ['frames[i + 1]', 'relies'],
    ['frames[0]', 'relies'],
  ])('in a loop, %s: %s', (unmapped, verdict) => {
    const loop = `for (int i = 0; i < n; i++) { ${must('frames[i]', 'WINDOW')} seL4_ARM_Page_Unmap(${unmapped}); }`;
    expect(body(loop)).toEqual([verdict]);
  });

  it('the one of the round before is the right one', () => {
    const loop = `for (int i = 0; i < n; i++) { if (i > 0) { seL4_ARM_Page_Unmap(frames[i - 1]); } ${must('frames[i]', 'WINDOW')} }`;
    expect(body(loop)).not.toContain('relies');
  });
});

describe('one address in several spellings', () => {
  it.each([
    ['WINDOW + 0x1000', 'SECOND', 'relies'],
    ['0x10001000', 'WINDOW + 4096', 'relies'],
    ['v + 4096', 'v + PAGE_SIZE', 'relies'],
    ['v', 'v & ~0xfff', 'relies'],
    ['WINDOW', 'SECOND', 'latent'],
    ['v', 'v + PAGE_SIZE', 'cannot tell'],
  ])('%s and %s: %s', (first, second, verdict) => {
    expect(body(`${must('a', first)} ${must('b', second)}`)[1]).toBe(verdict);
  });

  it('a constant of the branches of an #if has no value', () => {
    const text = `#ifdef X\n#define HIGH 0x1000\n#else\n#define HIGH 0x2000\n#endif\nint f(seL4_CPtr a, seL4_CPtr b) { ${must('a', 'HIGH')} ${must('b', '0x1000')} return 0; }`;
    expect(inC(text)).not.toContain('relies');
  });
});

describe('addresses that come round again', () => {
  it.each([
    ['WINDOW + (i % 4) * 4096', '', 'relies'],
    ['WINDOW + (i & 3) * 4096', '', 'relies'],
    ['WINDOW + (i % 4) * 4096', 'seL4_ARM_Page_Unmap(frames[i]);', 'safe'],
    ['WINDOW + i * 4096', '', 'latent'],
  ])('%s, %s: %s', (vaddr, after, verdict) => {
    expect(body(`for (int i = 0; i < n; i++) { ${must('frames[i]', vaddr)} ${after} }`)).toEqual([verdict]);
  });
});

describe('a place that several functions have', () => {
  const leaves = `int show(seL4_CPtr a) { ${must('a', 'WINDOW')} return draw(); }\n`;
  const undoes = (at = 'WINDOW'): string =>
    `int copy(seL4_CPtr b) { ${must('b', at)} memcpy(dst, src, 4096); seL4_ARM_Page_Unmap(b); return 0; }\n`;

  it('is not safe where another function leaves a frame', () => {
    expect(inC(undoes())).toEqual(['safe']);
    expect(inC(leaves + undoes())).toEqual(['latent', 'cannot tell']);
    expect(inC(undoes() + leaves)).toEqual(['cannot tell', 'latent']);
    expect(sitesIn(undoes() + leaves)[0]?.why).toContain('show (line 5) leaves a frame at WINDOW');
  });

  it('is safe where they leave another place, or clear it', () => {
    expect(inC(leaves + undoes('SECOND'))[1]).toBe('safe');
    expect(inC(undoes().replaceAll('copy', 'copy2') + undoes())).toEqual(['safe', 'safe']);
  });

  it('is used and left mapped by each call', () => {
    const zero = `int zero(seL4_CPtr a) { ${must('a', 'WINDOW')} memset((void *)WINDOW, 0, 4096); return 0; }`;
    expect(inC(zero)).toEqual(['relies']);
    expect(inC(zero.replace('return 0; }', 'seL4_ARM_Page_Unmap(a); return 0; }'))).toEqual(['safe']);
  });
});

describe('a map again of the same capability', () => {
  it.each([
    ['if (e) { return e; }', 'remap'],
    ['if (e) { printf("%d", e); }', 'remap'],
    ['assert(e == seL4_DeleteFirst);', 'latent'],
  ])('after %s: %s', (test, verdict) => {
    expect(body(`int e = ${map('a', 'WINDOW')}; ${test} return ${map('a', 'WINDOW')};`)[1]).toBe(verdict);
  });

  it('after an answer that is dropped is no remap', () => {
    expect(body(`${map('a', 'WINDOW')}; return ${map('a', 'WINDOW')};`)[1]).toBe('latent');
  });
});

describe('addresses from allocators', () => {
  const given = (text: string): string[] => body(`seL4_Word w = alloc_vaddr(n); ${text}`);
  const loop = (vaddr: string, after = ''): string =>
    `for (int i = 0; i < n; i++) { int e = ${map('frames[i]', vaddr)}; assert(!e); ${after} }`;

  it.each([
    ['one map', `int e = ${map('a', 'w')}; if (e) { return e; }`, 'safe'],
    ['a counter', loop('w + i * 4096'), 'safe'],
    ['a variable that moves on', loop('w', 'w += 4096;'), 'safe'],
    ['one that begins again', loop('w', 'w += 4096; if (w > END) { w = START; }'), 'cannot tell'],
    ['one that moves on sometimes', loop('w', 'if (big(i)) { w += 4096; }'), 'relies'],
    ['half a counter', loop('w + (i / 2) * 4096'), 'cannot tell'],
    ['a table', loop('w + offsets[i]'), 'cannot tell'],
    ['no step', loop('w + i * 0'), 'cannot tell'],
    ['a mask', `int e = ${map('a', 'w & 0x1000')}; assert(!e);`, 'cannot tell'],
    ['what is given back', `int e = ${map('a', 'w')}; assert(!e); use(w); free_vaddr(w);`, 'latent'],
    [
      'what was unmapped before',
      `int e = ${map('a', 'w')}; assert(!e); use(w); seL4_ARM_Page_Unmap(a); free_vaddr(w);`,
      'safe',
    ],
    ['another one that maps there', `int e = ${map('a', 'w')}; assert(!e); map_other(b, w);`, 'cannot tell'],
  ])('%s', (_, text, verdict) => {
    expect(given(text)).toEqual([verdict]);
  });

  it('are not new where they are kept from an earlier call', () => {
    const kept = `static seL4_Word w; int f(seL4_CPtr a) { if (w == 0) { w = alloc_vaddr(1); } int e = ${map('a', 'w')}; assert(!e); return 0; }`;
    expect(inC(kept)).not.toContain('safe');
  });

  it.each(['get_allocated_vaddr(a)', 'find_vaddr(a)', 'lookup_alloc(a)', 'reserved_base(a)'])(
    'are not what %s finds',
    (call) => {
      expect(body(`seL4_Word w = ${call}; int e = ${map('a', 'w')}; if (e) { return e; }`)).toEqual(['cannot tell']);
    },
  );
});

describe('what only speaks of an unmap', () => {
  it.each([
    ['seL4_ARM_Page_Unmap(a);', 'safe'],
    ['free_frame(a);', 'safe'],
    ['schedule_unmap(a);', 'cannot tell'],
    ['print_unmap_info(a);', 'cannot tell'],
    ['seL4_ARM_PageTable_Unmap(a);', 'cannot tell'],
    ['seL4_CNode_Revoke(root, a, 32);', 'cannot tell'],
    ['delete_timer(a);', 'cannot tell'],
    ['if (needs(a) && seL4_ARM_Page_Unmap(a)) { return 0; }', 'cannot tell'],
    ['busy() ? 0 : seL4_ARM_Page_Unmap(a);', 'cannot tell'],
  ])('%s: %s', (after, verdict) => {
    const [said] = body(`${must('a', 'v')} ${after}`);
    expect(said === 'safe').toBe(verdict === 'safe');
  });
});
