import { describe, expect, it } from 'vitest';
import { analyseText } from '../../src/source/analyse.ts';

/** The verdicts of the maps, in their order. */
const inC = (text: string): string[] => analyseText('a.c', 'c', text).sites.map(({ verdict }) => verdict);
const inRust = (text: string): string[] => analyseText('a.rs', 'rust', text).sites.map(({ verdict }) => verdict);

/** A window that is mapped, used by `use`, and unmapped. */
const window = (use: string): string => `
int copy_in(seL4_CPtr frame, seL4_CPtr vspace) {
    if (seL4_ARM_Page_Map(frame, vspace, 0x9000000, rights, attributes)) return -1;
    ${use}
    return seL4_ARM_Page_Unmap(frame);
}
`;

describe('a mapping that is undone', () => {
  it('is safe where every way out is a statement', () => {
    expect(inC(window('fill((void *)0x9000000);'))).toEqual(['safe']);
    expect(inC(window('LOG_INFO("mapped"); fill((void *)ROUND_DOWN(addr, 12));'))).toEqual(['safe']);
  });

  it('is not called safe where a macro may return, known or not', () => {
    const known = '#define TRY(x) do { int e_ = (x); if (e_) return e_; } while (0)\n';
    expect(inC(known + window('TRY(check(frame));'))).toEqual(['cannot tell']);
    expect(inC(window('ZX_TRY(check(frame));'))).toEqual(['cannot tell']);
  });

  it("is not called safe where Rust's ? may leave before the unmap", () => {
    const body = (use: string): string => `
pub fn one(f: cap::Granule, vs: cap::VSpace) -> sel4::Result<()> {
    f.frame_map(vs, WINDOW, CapRights::read_write(), VmAttributes::default())?;
    ${use}
    f.frame_unmap()
}
`;
    expect(inRust(body('fill(WINDOW)?;'))).toEqual(['cannot tell']);
    expect(inRust(body('fill(WINDOW);'))).toEqual(['safe']);
  });
});

/** Maps into a vspace that the function makes. */
const fresh = (body: string): string => `
int start(struct image *image, seL4_Word x, seL4_Word y) {
    seL4_CPtr v = new_vspace();
    ${body}
    return 0;
}
`;
const map = (address: string): string =>
  `if (seL4_ARM_Page_Map(alloc_frame(), v, ${address}, rights, attributes)) return -1;`;

describe('a vspace that is made here', () => {
  it.each([
    ['one map', map('x'), ['safe']],
    ['two numbers', map('0x1000') + map('0x2000'), ['safe', 'safe']],
  ])('is proof enough: %s', (_, body, verdicts) => {
    expect(inC(fresh(body))).toEqual(verdicts);
  });

  it.each([
    ['two parameters', map('x') + map('y')],
    ['two segments of an image', map('image->segments[0].at') + map('image->segments[1].at')],
    ['addresses that may come out equal', map('x + 0x1000') + map('y - PAGE')],
    ['a loop over segments', `for (int i = 0; i < 4; i++) { ${map('image->segments[i].at')} }`],
    ['somebody else was given it', `load_image(v, image); ${map('0x10000000')}`],
  ])('is no proof: %s', (_, body) => {
    expect(inC(fresh(body))).not.toContain('safe');
  });
});

describe('the vspace of the initial thread', () => {
  const put = (vspace: string): string[] =>
    inRust(`fn put(frame: Granule) -> sel4::Result<()> {
    let vspace = ${vspace};
    frame.frame_map(vspace, 0x200_0000, CapRights::read_write(), VmAttributes::default())
}`);

  it('is not made by the function that asks for it', () => {
    expect(put('BootInfo::init_thread_vspace()')).not.toEqual(['safe']);
    expect(put('make_vspace()')).toEqual(['safe']);
  });
});
