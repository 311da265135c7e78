import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { analyseSource, analyseText } from '../../src/source/analyse.ts';
import type { SourceSite } from '../../src/source/site.ts';

const scratch = mkdtempSync(join(tmpdir(), 'overmap-shapes-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The calls of a tree, as "function: callee: verdict". */
async function tree(name: string, files: Readonly<Record<string, string>>): Promise<string[]> {
  for (const [path, text] of Object.entries(files)) {
    const at = join(scratch, name, path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, text);
  }
  return (await analyseSource(join(scratch, name))).sites.map(told);
}

const told = ({ function: func, callee, verdict }: SourceSite): string => `${func}: ${callee}: ${verdict}`;
const inC = (text: string): string[] => analyseText('a.c', 'c', text).sites.map(told);
const MAP = 'seL4_ARM_Page_Map(frame, root, vaddr, rights, attributes)';

describe('function pointers that travel', () => {
  const library = `
int put_page(space_t *space, seL4_CPtr frame, void *vaddr) {
    return seL4_ARM_Page_Map(frame, space->root, vaddr, rights, attributes);
}
static void keep(space_t *space, put_fn put) { space->state->put = put; }
void open_with(space_t *space, put_fn put) { keep(space, put); }
void open_space(space_t *space) { open_with(space, put_page); }
`;

  it('are followed from parameter to parameter, into a field, and to its calls', async () => {
    const sites = await tree('travel', {
      'open.c': library,
      'use.c': `
static int one(space_t *space, seL4_CPtr frame, void *vaddr) { return space->state->put(space, frame, vaddr); }
int many(space_t *space, seL4_CPtr frame, void *vaddr) { return one(space, frame, vaddr); }
`,
    });
    expect(sites).toEqual([
      'put_page: seL4_ARM_Page_Map: cannot tell',
      'one: space->state->put: cannot tell',
      'many: one: cannot tell',
    ]);
  });

  it('a field that is set to something else is none', async () => {
    const sites = await tree('stays', {
      'open.c': library.replace('open_with(space, put_page)', 'open_with(space, count_page)'),
      'use.c': 'int one(space_t *space, int frame, void *at) { return space->state->put(space, frame, at); }',
    });
    expect(sites).toEqual(['put_page: seL4_ARM_Page_Map: cannot tell']);
  });
});

describe('methods of a class that is declared in one file and defined in another', () => {
  const header = (before: string, onError: string): string => `
class Kernel::Space
{
	long _put(Sel const &sel, addr_t virt, bool guest);

	template <typename FN>
	bool _put_frame(addr_t const phys, addr_t const virt, FN const &fn)
	{
		Sel const sel = _slots.alloc();
		${before}
		long const result = _put(sel, virt, false);
		if (result != seL4_NoError) {
			${onError}
			return false;
		}
		return true;
	}
	public:
	bool map(addr_t phys, addr_t virt) { return _put_frame(phys, virt, nothing); }
};
`;
  const source = `
long Space::_put(Sel const &sel, addr_t const virt, bool const guest)
{
	return seL4_X86_Page_Map(sel.value(), _root, virt, rights, attributes);
}
`;

  it('books before the map that keep a page which was refused', async () => {
    const sites = await tree('books', {
      'space.h': header('_pages.insert_page(virt, sel);', 'warning("refused");'),
      'space.cc': source,
    });
    expect(sites).toContain('Space::_put_frame: _put: swallows the error');
    expect(sites).toContain('Space::map: _put_frame: cannot tell');
  });

  it('books that are set right, or written after the map', async () => {
    for (const [name, before, onError] of [
      ['right', '_pages.insert_page(virt, sel);', '_pages.remove_page(virt);'],
      ['after', '', 'warning("refused");'],
    ] as const) {
      const sites = await tree(name, { 'space.h': header(before, onError), 'space.cc': source });
      expect(sites, name).toContain('Space::_put_frame: _put: cannot tell');
    }
  });
});

describe('errors that are told further on', () => {
  it('a loop that ends because of the error maps nothing over', () => {
    const loop = (test: string): string[] =>
      inC(`int all(seL4_CPtr *frames, seL4_CPtr root, char *vaddr, int n) {
  int error = 0;
  for (int i = 0; i < n${test}; i++) {
    error = seL4_ARM_Page_Map(frames[i], root, vaddr, rights, attributes);
    if (error == seL4_NoError) { vaddr = vaddr + 4096; }
  }
  return error;
}`);
    expect(loop(' && error == seL4_NoError')).toEqual(['all: seL4_ARM_Page_Map: latent']);
    // Without the test the next round forgets it.
    expect(loop('')[0]).toMatch(/swallows the error|relies/);
  });

  it.each([
    ['error == -1', 'cannot tell'],
    ['error < 0', 'cannot tell'],
    ['error == 7', 'swallows the error'],
  ])('a wrapper that is asked for %s: %s', (test, verdict) => {
    const sites = inC(`
int put(seL4_CPtr frame, seL4_CPtr root, long vaddr) { if (${MAP}) { return -1; } return 0; }
int call(seL4_CPtr frame, seL4_CPtr root, long vaddr) { int error = put(frame, root, vaddr); if (${test}) { return -1; } use(vaddr); return 0; }
`);
    expect(sites[1]).toBe(`call: put: ${verdict}`);
  });

  it.each([
    ['if (page == seL4_CapNull) { return -1; }', 'cannot tell'],
    ['', 'swallows the error'],
  ])('a wrapper that gives the capability, or none: %s', (test, verdict) => {
    const sites = inC(`
static seL4_CPtr page_at(long vaddr) {
  seL4_CPtr frame = take_frame();
  int error = ${MAP};
  if (error) { give_back(frame); return seL4_CapNull; }
  return frame;
}
int grow(struct table *table) { seL4_CPtr page = page_at(table->end + 4096); ${test} table->end += 4096; return 0; }
`);
    expect(sites[1]).toBe(`grow: page_at: ${verdict}`);
  });
});

describe('loops over pages', () => {
  const loop = (place: string, moves: string, onError: string): string[] =>
    inC(`static long cursor = BASE;
long devices(seL4_CPtr root, long start, int n) {
  long vaddr = start; record_range(start, n);
  for (int i = 0; i < n; i++) {
    seL4_CPtr frame = take_frame(i);
    int error = seL4_ARM_Page_Map(frame, root, ${place}, rights, attributes);
    if (error) { ${onError} }
    ${moves}
  }
  return start;
}`);

  it('that leave at an address of the caller leave a prefix', () => {
    expect(loop('vaddr', 'vaddr += 4096;', 'free_frame(frame); return 0;')).toEqual([
      'devices: seL4_ARM_Page_Map: prefix left',
    ]);
  });

  it('a cursor has moved on', () => {
    expect(loop('cursor', 'cursor += 4096;', 'free_frame(frame); return 0;')).toEqual([
      'devices: seL4_ARM_Page_Map: latent',
    ]);
  });

  it('the refused page is left out, and the rest is mapped', () => {
    expect(loop('vaddr', 'vaddr += 4096;', 'vaddr += 4096; free_frame(frame); failed++; continue;')).toEqual([
      'devices: seL4_ARM_Page_Map: cannot tell',
    ]);
  });

  it('a cursor that begins again is none', () => {
    const site = (reset: string): string | undefined =>
      inC(`static long cursor = BASE;
int one(seL4_CPtr root) { seL4_CPtr frame = take_frame(); ${reset} int error = seL4_ARM_Page_Map(frame, root, cursor, rights, attributes); if (error) { return error; } cursor += 4096; return 0; }`)[0];
    expect(site('')).toBe('one: seL4_ARM_Page_Map: safe');
    expect(site('if (cursor > END) cursor = BASE;')).toBe('one: seL4_ARM_Page_Map: cannot tell');
  });
});

describe('windows', () => {
  const copy = (after: string): string[] =>
    inC(`int copy_out(seL4_CPtr frame, void *to) {
  int error = seL4_ARM_Page_Map(frame, seL4_CapInitThreadVSpace, WINDOW, rights, attributes);
  if (error) { return -1; }
  memcpy(to, (void *)WINDOW, 4096);
  ${after}
  return 0;
}`);

  it('one that is copied through and left mapped relies, though an error is heeded', () => {
    expect(copy('')).toEqual(['copy_out: seL4_ARM_Page_Map: relies']);
  });

  it('one that is unmapped is safe', () => {
    expect(copy('seL4_ARM_Page_Unmap(frame);')).toEqual(['copy_out: seL4_ARM_Page_Map: safe']);
  });
});

describe('wrappers that map a frame of their own', () => {
  const twice = (frame: string, between: string): string | undefined =>
    inC(`
static int back(seL4_CPtr root, long vaddr) { seL4_CPtr frame = ${frame}; int error = ${MAP}; if (error) { return error; } return 0; }
int both(seL4_CPtr root) { assert(back(root, 0x1000) == 0); ${between} assert(back(root, 0x1000) == 0); return 0; }
`).at(-1);

  it('a new one at each call takes the place of the one before', () => {
    expect(twice('alloc_frame()', '')).toBe('both: back: relies');
  });

  it('the same one is a remap, and a place that was cleared is no matter', () => {
    expect(twice('shared_page(vaddr)', '')).toBe('both: back: remap');
    expect(twice('alloc_frame()', 'unmap_page(root, 0x1000);')).toBe('both: back: cannot tell');
  });
});

describe('text that is hard to read', () => {
  const depth = 4000;

  it.each([
    ['blocks', 'c', `int f(int frame) {${'{'.repeat(depth)} ${MAP}; ${'}'.repeat(depth)} return 0; }`],
    ['tests', 'c', `int f(int frame) {${'if (a) {'.repeat(depth)} ${MAP}; ${'}'.repeat(depth)} return 0; }`],
    ['parentheses', 'c', `int f(int frame) { return ${'('.repeat(depth)}${MAP}${')'.repeat(depth)}; }`],
    [
      'blocks of Rust',
      'rust',
      `fn f(frame: Cap) {${'{'.repeat(depth)} frame.frame_map(root, vaddr, rights, attr); ${'}'.repeat(depth)} }`,
    ],
  ] as const)('loses no call in 4,000 nested %s, and says so', (_, kind, text) => {
    const good = kind === 'c' ? `\nint g(int frame) { return ${MAP}; }\n` : '';
    const { sites, unparsed } = analyseText('a', kind, text + good);
    expect(sites.map(({ verdict }) => verdict).slice(0, 1)).toEqual(['cannot tell']);
    // The function beside it is judged as ever.
    expect(sites.slice(1).map((site) => site.function)).toEqual(good === '' ? [] : ['g']);
    expect(unparsed).toHaveLength(1);
  });

  it('a function that is too large to be followed: its calls are listed, and it is said', () => {
    const { sites, unparsed } = analyseText(
      'a',
      'c',
      `int f(int frame) {${'g(1);'.repeat(90_000)} ${MAP}; }\nint h(int frame) { return ${MAP}; }\n`,
    );
    expect(sites.map(({ function: name, confidence }) => `${name} ${confidence}`)).toEqual(['null low', 'h medium']);
    expect(unparsed).toHaveLength(1);
  });

  it('braces that are never closed', () => {
    const { sites } = analyseText('a', 'c', `int f(int frame) {${`if (x) { ${MAP};\n`.repeat(200)} int g(void) { ((((`);
    expect(sites).toHaveLength(200);
  });

  it('CRLF, tabs, and bytes that are no UTF-8', async () => {
    const text = `/* caf\xe9 */\r\nint f(int frame)\r\n{\r\n\tint error = ${MAP};\r\n\tif (error == seL4_DeleteFirst)\r\n\t\treturn 0;\r\n\treturn error;\r\n}\r\n`;
    mkdirSync(join(scratch, 'bytes'), { recursive: true });
    writeFileSync(join(scratch, 'bytes', 'a.c'), Buffer.from(text, 'latin1'));
    const { sites } = await analyseSource(join(scratch, 'bytes'));
    expect(sites.map(({ line, verdict }) => `${line}: ${verdict}`)).toEqual(['4: DeleteFirst taken for success']);
  });
});

describe('macros in front of types, which have no grammar', () => {
  const text = (into: string): string => `
static inline STATUS put(IN WORD Page, IN OPTIONAL WORD Where, IN RIGHTS Rights)
{
    UNUSED int Error = 0;
    Error = seL4_Page_Map(Page, ROOT, Where, Rights, ATTRIBUTES);
    return Error;
}
STATUS NTAPI both(VOID)
{
    CHECK(put(First->Page, 0x60000000, RW));
    CHECK(put(Second->Page, ${into}, RW));
    return 0;
}`;

  it('leave the parameters what they are', () => {
    const { sites, unparsed } = analyseText('a.c', 'c', text('0x60001000'));
    expect(unparsed).toEqual([]);
    expect(sites.map(told)).toEqual([
      'put: seL4_Page_Map: cannot tell',
      'both: put: cannot tell',
      'both: put: cannot tell',
    ]);
  });

  it('and a place that is used twice is found', () => {
    expect(inC(text('0x60000000')).at(-1)).toBe('both: put: relies');
  });
});
