import { describe, expect, it } from 'vitest';
import { analyseText } from '../../src/source/analyse.ts';
import { guardTypesIn } from '../../src/source/scoped-mappings.ts';
import { rewriteTree } from '../../src/source/rewrite/rewrite-tree.ts';
import type { SourceAnalysis } from '../../src/source/site.ts';

const GUARD = `#define WINDOW 0x10000000
struct Unmapper { seL4_CPtr f; explicit Unmapper(seL4_CPtr x) : f(x) {} ~Unmapper() { seL4_X86_Page_Unmap(f); } };
`;
const MAP = (frame: string): string => `if (seL4_X86_Page_Map(${frame}, vs, WINDOW, R, 0)) { return -1; }`;
const inCpp = (body: string): string[] =>
  analyseText(
    'a.cpp',
    'cpp',
    `${GUARD}int f(seL4_CPtr a, seL4_CPtr b, seL4_CPtr *frames, int n) { ${body} return 0; }`,
  ).sites.map(({ verdict }) => verdict);
const inRust = (text: string): string[] =>
  analyseText(
    'a.rs',
    'rust',
    `const WINDOW: usize = 0x1000_0000;
impl Drop for Mapped { fn drop(&mut self) { let _ = self.f.frame_unmap(); } }
fn mapped(f: Granule, vs: VSpace) -> sel4::Result<Mapped> { f.frame_map(vs, WINDOW, RW, A)?; Ok(Mapped { f }) }
pub fn f(a: Granule, b: Granule, all: &[Granule], vs: VSpace) -> sel4::Result<()> { ${text} Ok(()) }`,
  )
    .sites.map(({ verdict }) => verdict)
    .slice(1);

describe('objects that unmap when they go', () => {
  it('are found by their destructors', () => {
    expect(guardTypesIn(GUARD)).toEqual(['Unmapper']);
    expect(guardTypesIn('impl<T> Drop for Mapped<T> { fn drop(&mut self) { self.f.frame_unmap(); } }')).toEqual([
      'Mapped',
    ]);
    expect(guardTypesIn('struct Lock { ~Lock() { unlock(); } }; void f() { seL4_X86_Page_Unmap(x); }')).toEqual([]);
  });

  it('end a mapping with their scope', () => {
    expect(inCpp(`{ ${MAP('a')} Unmapper u(a); use(); } ${MAP('b')} Unmapper v(b);`)).not.toContain('relies');
    expect(inCpp(`for (int i = 0; i < n; i++) { ${MAP('frames[i]')} Unmapper u(frames[i]); use(); }`)).toEqual([
      'cannot tell',
    ]);
    expect(inCpp(`for (int i = 0; i < n; i++) { ${MAP('frames[i]')} use(); }`)).toEqual(['relies']);
    expect(inCpp(`${MAP('a')} Unmapper u(a); ${MAP('b')} Unmapper v(b);`)).toEqual(['cannot tell', 'relies']);
  });

  it.each([
    ['{ let _g = mapped(a, vs)?; use_it(); } let _h = mapped(b, vs)?;', false],
    ['for f in all { let m = mapped(*f, vs)?; touch(&m); }', false],
    ['let g = mapped(a, vs)?; drop(g); let _h = mapped(b, vs)?;', false],
    ['let _ = mapped(a, vs)?; let _h = mapped(b, vs)?;', false],
    ['let _g = mapped(a, vs)?; let _h = mapped(b, vs)?;', true],
  ])('in Rust: %s', (text, relies) => {
    expect(inRust(text).includes('relies')).toBe(relies);
  });

  it('do nothing when they are made, whatever their type is called', () => {
    const given = (body: string): string[] =>
      analyseText(
        'a.cpp',
        'cpp',
        `${GUARD}Unmapper f(seL4_CPtr a) { ${MAP('a').replace('return -1', 'throw 1')} ${body} }`,
      ).sites.map(({ verdict }) => verdict);
    expect(given('return Unmapper(a);')).toEqual(['cannot tell']);
    expect(given('Unmapper u(a); keep(u); return u;')).toEqual(['cannot tell']);
  });

  it('are left alone by the rewriter', async () => {
    const text = `${GUARD}int f(seL4_CPtr a, seL4_CPtr b) { ${MAP('a')} Unmapper u(a); ${MAP('b')} Unmapper v(b); return 0; }\n`;
    const analyse = (texts: ReadonlyMap<string, string>): Promise<SourceAnalysis> => {
      const found = [...texts].map(([path, each]) => analyseText(path, 'cpp', each));
      const sites = found.flatMap((each) => each.sites);
      return Promise.resolve({ files: texts.size, lines: 0, sites, unparsed: [], skipped: [] });
    };
    const { files, explanations } = await rewriteTree(new Map([['a.cpp', text]]), analyse);
    expect(files).toEqual([]);
    expect(explanations.some(({ says }) => says.includes('unmaps here when it goes out of scope'))).toBe(true);
  });
});
