import { describe, expect, it } from 'vitest';
import { analyseText } from '../../src/source/analyse.ts';

const MAP = 'seL4_ARM_Page_Map(frame, root, vaddr, rights, 0)';
const RUST = 'frame.frame_map(root, vaddr, rights, attributes)';
const HELPERS = `
static bool is_ok(int e) { return e == seL4_NoError || e == seL4_DeleteFirst; }
static bool failed(int e) { return e != seL4_NoError; }
static bool is_missing(int e) { return e == seL4_FailedLookup; }
#define THERE(e) ((e) == seL4_NoError || (e) == seL4_DeleteFirst)
static int code(seL4_Error e)
{
    switch (e) {
    case seL4_NoError: case seL4_DeleteFirst: return 0;
    case seL4_FailedLookup: return -2;
    default: return -1;
    }
}
`;
const inC = (body: string, returns = 'int'): string[] =>
  analyseText(
    'a.c',
    'c',
    `${HELPERS}${returns} put(seL4_CPtr frame, seL4_CPtr root, seL4_CPtr old, seL4_Word vaddr) { ${body} }`,
  ).sites.map(({ verdict }) => verdict);
const inRust = (body: string): string[] =>
  analyseText(
    'a.rs',
    'rust',
    `fn benign(e: &Error) -> bool { matches!(e, Error::DeleteFirst) }
pub fn put(frame: Granule, root: VSpace, vaddr: usize) -> sel4::Result<()> { ${body} }`,
  ).sites.map(({ verdict }) => verdict);

const TAKEN = 'DeleteFirst taken for success';
const TABLE = 'any error taken for a missing table';

describe('DeleteFirst taken for success', () => {
  it.each([
    `int e = ${MAP}; return e == seL4_DeleteFirst ? 0 : e;`,
    `int e = ${MAP}; e = (e == seL4_DeleteFirst) ? seL4_NoError : e; if (e) { return e; } return 0;`,
    `int e; return (e = ${MAP}, e == seL4_DeleteFirst ? 0 : e);`,
    `int e = ${MAP}; if (!is_ok(e)) { return e; } return 0;`,
    `int e = ${MAP}; if (!THERE(e)) { return e; } return 0;`,
    `return code(${MAP});`,
    `int e = ${MAP}; if (e && e != 8) { return e; } return 0;`,
    `int e = ${MAP}; bool there = e == 0x8; if (e && !there) { return -1; } return 0;`,
    `int e = ${MAP}; switch (e) { case seL4_NoError: break; case seL4_DeleteFirst: break; default: return e; } return 0;`,
    `int e = ${MAP}; if (e) { if (e == seL4_DeleteFirst) goto out; return -1; } out: return 0;`,
    `int e = ${MAP}; assert(e == seL4_NoError || e == seL4_DeleteFirst); return 0;`,
    `int e = ${MAP}; ZF_LOGF_IF(e != seL4_NoError && e != seL4_DeleteFirst, "map"); return 0;`,
  ])('%s', (body) => {
    expect(inC(body)).toEqual([TAKEN]);
  });

  it.each([
    `int e = ${MAP}; return e == seL4_DeleteFirst ? EEXIST : e;`,
    `int e = ${MAP}; if (failed(e)) { return e; } return 0;`,
    `int e = ${MAP}; switch (e) { case seL4_NoError: return 0; case seL4_DeleteFirst: return -2; default: return -1; }`,
    `int e = ${MAP}; if (e != seL4_NoError) { if (e == seL4_DeleteFirst) LOG("occupied"); return e; } return 0;`,
    `int e = ${MAP}; if (e == 7) { return -1; } return e;`,
  ])('not %s', (body) => {
    expect(inC(body)).not.toContain(TAKEN);
  });

  it('not where it is cleared and mapped again', () => {
    const body = `int e = ${MAP}; if (e == seL4_DeleteFirst) { seL4_ARM_Page_Unmap(old); e = ${MAP}; } return e;`;
    expect(inC(body)).toEqual(['cannot tell', 'cannot tell']);
  });

  it('is no test that expects an error, although it names one', () => {
    expect(inC(`int e = ${MAP}; assert(e == seL4_DeleteFirst);`, 'void')).toEqual(['safe']);
    expect(inC(`int e = ${MAP}; assert(e == seL4_NoError || e == seL4_DeleteFirst);`, 'void')).toEqual([TAKEN]);
  });

  it.each([
    `match ${RUST} { Ok(()) | Err(Error::DeleteFirst) => Ok(()), Err(e) => Err(e) }`,
    `match ${RUST} { Ok(()) => {} Err(sel4::Error::DeleteFirst) => {} Err(e) => return Err(e) } Ok(())`,
    `match ${RUST} { Err(e) if e != sel4::Error::DeleteFirst => Err(e), _ => Ok(()) }`,
    `match ${RUST} { Err(ref e) if matches!(e, Error::DeleteFirst) => Ok(()), r => r }`,
    `${RUST}.or_else(|e| match e { Error::DeleteFirst => Ok(()), e => Err(e) })`,
    `let r = ${RUST}; if matches!(r, Ok(()) | Err(Error::DeleteFirst)) { return Ok(()); } r`,
    `if let Err(e) = ${RUST} { if e != Error::DeleteFirst { return Err(e); } } Ok(())`,
    `if let Err(e) = ${RUST} { if !benign(&e) { return Err(e); } } Ok(())`,
  ])('in Rust: %s', (body) => {
    expect(inRust(body)).toEqual([TAKEN]);
  });

  it.each([
    `match ${RUST} { Err(Error::DeleteFirst) => Err(Error::IllegalOperation), r => r }`,
    `${RUST}.map_err(|e| match e { Error::DeleteFirst => Error::IllegalOperation, e => e })`,
    `if let Err(e) = ${RUST} { if benign(&e) { log::warn!("occupied"); } return Err(e); } Ok(())`,
  ])('in Rust, not: %s', (body) => {
    expect(inRust(body)).toEqual(['cannot tell']);
  });
});

describe('any error taken for a missing table', () => {
  const table = 'seL4_ARM_PageTable_Map(new_table(), root, vaddr, 0);';
  it.each([
    `int e = ${MAP}; if (e != seL4_NoError) { ${table} e = ${MAP}; } return e;`,
    `int e = ${MAP}; while (e) { ${table} e = ${MAP}; } return 0;`,
    `int e; do { e = ${MAP}; if (failed(e)) { ${table} } } while (e); return 0;`,
    `for (int i = 0; i < 4; i++) { int e = ${MAP}; if (e == 0) { return 0; } ${table} } return -1;`,
    `retry:; int e = ${MAP}; if (e) { ${table} goto retry; } return 0;`,
  ])('%s', (body) => {
    expect(inC(body)).toContain(TABLE);
  });

  it.each([
    `int e = ${MAP}; if (is_missing(e)) { ${table} e = ${MAP}; } return e;`,
    `int e = ${MAP}; while (e == seL4_FailedLookup) { ${table} e = ${MAP}; } return e;`,
    `int e = ${MAP}; if (e) { if (e != 6) { return e; } ${table} e = ${MAP}; } return e;`,
    `while (1) { int e = ${MAP}; if (!e) { return 0; } if (e != seL4_FailedLookup) { return e; } ${table} }`,
  ])('not %s', (body) => {
    expect(inC(body)).not.toContain(TABLE);
    // What is mapped again after an error is no remap.
    expect(inC(body)).not.toContain('remap');
  });

  it.each([
    [`loop { match ${RUST} { Ok(()) => return Ok(()), Err(_) => { table.pt_map(root, vaddr, a)?; } } }`, TABLE],
    [`while let Err(e) = ${RUST} { log::info!("{e:?}"); map_page_table(root, vaddr)?; } Ok(())`, TABLE],
    [
      `while let Err(e) = ${RUST} { if e != Error::FailedLookup { return Err(e); } map_page_table(root, vaddr)?; } Ok(())`,
      'cannot tell',
    ],
    [
      `loop { match ${RUST} { Ok(()) => return Ok(()), Err(Error::FailedLookup) => { table.pt_map(root, vaddr, a)?; } e => return e } }`,
      'cannot tell',
    ],
    [
      `let mut r = ${RUST}; while r.is_err_and(|e| e == Error::FailedLookup) { r = table.pt_map(root, vaddr, a); if r.is_ok() { r = ${RUST}; } } r`,
      'cannot tell',
    ],
    [
      `let r = ${RUST}; if r.is_err_and(|e| { e == Error::FailedLookup }) { table.pt_map(root, vaddr, a)?; return ${RUST}; } r`,
      'cannot tell',
    ],
    [
      `let r = ${RUST}; if r.is_err_and(|e| e != Error::RangeError) { table.pt_map(root, vaddr, a)?; return ${RUST}; } r`,
      TABLE,
    ],
    [
      `let r = ${RUST}; if r.is_err_and(|e| matches!(e, Error::DeleteFirst)) { return Ok(()); } r`,
      'DeleteFirst taken for success',
    ],
  ])('in Rust: %s: %s', (body, verdict) => {
    const [first, ...more] = inRust(body);
    expect(first).toBe(verdict);
    expect(more).not.toContain(TABLE);
  });

  it('sees a table that a closure adds', () => {
    const again = `table.pt_map(root, vaddr, a)?; ${RUST}`;
    expect(inRust(`${RUST}.or_else(|_| { ${again} })`)[0]).toBe(TABLE);
    expect(inRust(`${RUST}.or_else(|e| match e { Error::FailedLookup => { ${again} } e => Err(e) })`)).toEqual([
      'cannot tell',
      'cannot tell',
    ]);
  });
});
