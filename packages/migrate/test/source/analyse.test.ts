import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { analyseSource, analyseText } from '../../src/source/analyse.ts';
import type { SiteVerdict, SourceSite } from '../../src/source/site.ts';

const scratch = mkdtempSync(join(tmpdir(), 'overmap-source-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Writes a tree of files and analyses it. */
async function tree(name: string, files: Readonly<Record<string, string>>): Promise<readonly SourceSite[]> {
  for (const [path, text] of Object.entries(files)) {
    const at = join(scratch, name, path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, text);
  }
  return (await analyseSource(join(scratch, name))).sites;
}

const inC = (text: string): readonly SourceSite[] => analyseText('a.c', 'c', text).sites;
const verdicts = (sites: readonly SourceSite[]): SiteVerdict[] => sites.map(({ verdict }) => verdict);
const call = 'seL4_ARM_Page_Map(frame, vspace, vaddr, rights, attributes)';

describe('what is a site', () => {
  it.each([
    ['seL4_ARM_Page_Map', 'page map'],
    ['seL4_X86_Page_Map', 'page map'],
    ['seL4_RISCV_Page_Map', 'page map'],
    ['seL4_IA32_Page_Map', 'page map'],
    ['seL4_ARCH_Page_Map', 'page map'],
    ['seL4_Page_Map', 'page map'],
    ['sel4_x86_page_map', 'page map'],
    ['seL4_ARM_Page_Remap', 'remap'],
    ['seL4_X86_Page_MapEPT', 'strict map'],
    ['seL4_X86_Page_MapIO', 'strict map'],
    ['vspace_map_pages_at_vaddr', 'library'],
  ])('%s', (name, kind) => {
    const [site] = inC(`int f(int frame) { return ${name}(frame, vspace, vaddr, rights, attributes, 0, 0); }`);
    expect(site).toMatchObject({ callee: name, kind, function: 'f', line: 1, column: 27 });
  });

  it.each(['seL4_ARM_PageTable_Map', 'seL4_ARM_Page_Unmap', 'map', 'page_mapped', 'do_page_remap'])(
    'not %s',
    (name) => {
      expect(inC(`int f(int frame) { return ${name}(frame, vspace, vaddr, attributes); }`)).toEqual([]);
    },
  );

  it('a declaration or definition of such a name is none', () => {
    expect(
      inC(
        'int seL4_ARM_Page_Map(int frame, int vspace, long vaddr);\nstatic inline int\nseL4_X86_Page_Map(int a, int b) { return 0; }',
      ),
    ).toEqual([]);
  });

  it('gives the place of the call in UTF-16 units', () => {
    const text = `/* 😀 é */ int f(int frame) { return ${call}; }`;
    const [site] = inC(text);
    expect(text.slice(site?.start, site?.end)).toBe(call);
    expect(text.slice(site?.frame?.start, site?.frame?.end)).toBe('frame');
    expect(site?.vaddr?.text).toBe('vaddr');
  });
});

describe('every branch of #if', () => {
  const branches = `int f(int frame, int vspace, long vaddr) {
    int error = 0;
#if defined(A)
    error = seL4_ARM_Page_Map(frame, vspace, vaddr, 1, 2);
#elif defined(B)
    error = seL4_X86_Page_Map(frame, vspace, vaddr, 1, 2);
#else
    error = seL4_RISCV_Page_Map(frame, vspace, vaddr, 1, 2);
#endif
    return error;
}`;
  it('is seen', () => {
    expect(inC(branches).map(({ callee }) => callee)).toEqual([
      'seL4_ARM_Page_Map',
      'seL4_X86_Page_Map',
      'seL4_RISCV_Page_Map',
    ]);
  });

  it('is seen where the branches break a statement in two', () => {
    const sites = inC(`void f(int x) {
    int error;
#ifdef A
    if (x) {
        error = seL4_X86_Page_Map(a, b, c, d, e);
#else
    if (!x) {
        error = seL4_ARM_Page_Map(a, b, c, d, e);
#endif
        if (error) { printf("no\\n"); }
    }
}`);
    expect(sites.map(({ callee, function: name, verdict }) => ({ callee, name, verdict }))).toEqual([
      { callee: 'seL4_X86_Page_Map', name: 'f', verdict: 'swallows the error' },
      { callee: 'seL4_ARM_Page_Map', name: 'f', verdict: 'swallows the error' },
    ]);
  });

  it('is seen where nothing parses, and then nobody judges', () => {
    const sites = inC('@@ int f( { ) } ]] seL4_ARM_Page_Map(a, b, c, d, e; {{{\nint g(void) { return 0; }\n');
    expect(verdicts(sites)).toEqual(['cannot tell']);
  });
});

describe('wrappers', () => {
  it('are found across files, until nothing new is found', async () => {
    const sites = await tree('wrappers', {
      'lib/low.c': 'int put(int frame, int vspace, long at) { return seL4_ARM_Page_Map(frame, vspace, at, 1, 2); }',
      'lib/middle.c': 'int place(int vspace, long at, int frame) { return put(frame, vspace, at & ~4095); }',
      'app/main.c': 'void go(int frame) { place(SPACE, 0x1000, frame); }',
      'app/other.c': 'int place_holder(int frame) { return frame; }',
    });
    expect(sites.map(({ function: name, chain, verdict }) => ({ name, chain, verdict }))).toEqual([
      { name: 'go', chain: ['place', 'put', 'seL4_ARM_Page_Map'], verdict: 'swallows the error' },
      { name: 'put', chain: ['seL4_ARM_Page_Map'], verdict: 'cannot tell' },
      { name: 'place', chain: ['put', 'seL4_ARM_Page_Map'], verdict: 'cannot tell' },
    ]);
    expect(sites[0]?.frame?.text).toBe('frame');
    expect(sites[0]?.vaddr?.text).toBe('0x1000');
  });

  it('of a static function are those of its file', async () => {
    const low = 'static int put(int frame, long at) { return seL4_ARM_Page_Map(frame, V, at, 1, 2); }\n';
    const sites = await tree('statics', {
      'a.c': `${low}int a(int f) { return put(f, 1); }`,
      'b.c': 'int b(int f) { return put(f, 1); }',
    });
    expect(sites.map(({ function: name }) => name)).toEqual(['put', 'a']);
  });

  it('get the invocation as a value, by a parameter, a field or a variable', async () => {
    const sites = await tree('pointers', {
      'map.c':
        'int map_with(int (*fn)(int, int, long, int, int), int frame, int vspace, long at) { return fn(frame, vspace, at, 1, 2); }',
      'use.c': `int use(int frame) { return map_with(seL4_X86_Page_Map, frame, V, 0x1000); }
static struct ops ops = { .map_it = seL4_RISCV_Page_Map };
int by_field(struct ops *o, int frame) { return o->map_it(frame, V, 0x2000, 1, 2); }`,
    });
    expect(sites.map(({ function: name, kind, chain }) => ({ name, kind, end: chain.at(-1) }))).toEqual([
      { name: 'map_with', kind: 'function pointer', end: 'seL4_X86_Page_Map' },
      { name: 'use', kind: 'wrapper', end: 'seL4_X86_Page_Map' },
      { name: 'by_field', kind: 'function pointer', end: 'seL4_RISCV_Page_Map' },
    ]);
  });

  it('are macros, too', () => {
    const sites = inC(`#define MAP_IT seL4_ARM_Page_Map
#define PUT(frame, at) \\
    seL4_ARM_Page_Map(frame, V, at, 1, 2)
int f(int frame) { return MAP_IT(frame, V, 0x1000, 1, 2); }
void g(int frame) { PUT(frame, 0x1000); }`);
    expect(sites.map(({ function: name, kind, inMacro, verdict }) => ({ name, kind, inMacro, verdict }))).toMatchObject(
      [
        { name: 'PUT', kind: 'page map', inMacro: true, verdict: 'cannot tell' },
        { name: 'f', kind: 'macro', inMacro: false },
        { name: 'g', kind: 'wrapper', inMacro: false, verdict: 'swallows the error' },
      ],
    );
  });

  it('by another name for a method that many things have are told apart', () => {
    const { sites } = analyseText(
      'a.rs',
      'rust',
      `impl Region { fn map(&mut self, frame: u64) -> Result<(), E> { seL4_Page_Map(frame, V, self.start, 1, 2)?; Ok(()) } }
fn f(list: Vec<u64>, mut region: Region) { let x: Vec<u64> = list.iter().map(double).collect(); let y = list.first().map(|v| v + 1); region.map(7); }`,
    );
    expect(sites.map(({ callee }) => callee)).toEqual(['seL4_Page_Map', 'region.map']);
  });
});

describe('the walk over a folder', () => {
  it('follows no links, and says what it leaves out', async () => {
    await tree('walk', {
      'a.c': `int f(int frame) { return ${call}; }`,
      'node_modules/b.c': `int f(int frame) { return ${call}; }`,
      'notes.txt': call,
    });
    symlinkSync(join(scratch, 'walk/a.c'), join(scratch, 'walk/link.c'));
    writeFileSync(join(scratch, 'walk/large.c'), ' '.repeat((4 << 20) + 1));
    const { files, lines, skipped, sites } = await analyseSource(join(scratch, 'walk'));
    expect({ files, lines, sites: sites.length }).toEqual({ files: 1, lines: 1, sites: 1 });
    expect(skipped.map(({ path }) => path.slice(join(scratch, 'walk').length + 1)).toSorted()).toEqual([
      'large.c',
      'link.c',
      'node_modules',
    ]);
  });

  it('says which files do not parse whole', async () => {
    await tree('broken', { 'a.c': `int f(int frame) {\n  ]] ${call};\n  @@ ((\n}\n` });
    const { unparsed, sites } = await analyseSource(join(scratch, 'broken'));
    expect(sites).toHaveLength(1);
    expect(unparsed).toMatchObject([{ file: join(scratch, 'broken/a.c') }]);
  });
});
