import { describe, expect, it } from 'vitest';
import { analyseText } from '../../src/source/analyse.ts';

const inC = (text: string): string[] => analyseText('a.c', 'c', text).sites.map(({ verdict }) => verdict);
const inRust = (text: string): string[] => analyseText('a.rs', 'rust', text).sites.map(({ verdict }) => verdict);

const LOST = ['swallows the error'];
const TOLD = ['cannot tell'];

describe('a loop that leaves refused pages out', () => {
  const load = (onError: string, after: string, onSuccess = 'done++;'): string[] =>
    inC(`int load(seL4_CPtr *frames, seL4_CPtr root, int n) {
  int failed = 0, done = 0;
  for (int i = 0; i < n; i++) {
    int error = seL4_X86_Page_Map(frames[i], root, IMAGE + i * 4096, rights, attributes);
    if (error) { ${onError} }
    ${onSuccess}
  }
  ${after}
}`);

  it.each([
    ['failed++; continue;', 'printf("%d of %d, %d failed", done, n, failed); return n;'],
    ['printf("page %d", i); continue;', 'return n;'],
    ['printf("page %d", i); failed += 1; continue;', 'printf("%d", failed); return 0;'],
    ['continue;', 'return n;'],
  ])('swallows errors: %s %s', (onError, after) => {
    expect(load(onError, after)).toEqual(LOST);
  });

  it.each([
    // The caller learns of it, by one count or the other.
    ['failed++; continue;', 'return failed;'],
    ['failed++; continue;', 'return done;'],
    ['failed++; continue;', 'if (failed) { return -1; } return 0;'],
    ['failed++; continue;', 'tell(&failed); return 0;'],
    // Something is done about the page.
    ['free_frame(frames[i]); continue;', 'return n;'],
    ['frames[i] = 0; continue;', 'return n;'],
    ['missing[i] = true; continue;', 'return n;'],
    ['total.failed++; continue;', 'return n;'],
  ])('does not: %s %s', (onError, after) => {
    expect(load(onError, after)).toEqual(TOLD);
  });

  it('a loop that looks for the one that works swallows nothing', () => {
    expect(load('continue;', 'return -1;', 'return i;')).toEqual(TOLD);
    expect(load('printf("next"); continue;', 'return done;', 'done = i; break;')).toEqual(TOLD);
  });

  it('in Rust', () => {
    const rust = (onError: string, after: string): string[] =>
      inRust(`fn load(frames: &[Granule], root: VSpace, base: usize) -> usize {
  let mut failed = 0;
  for (i, frame) in frames.iter().enumerate() {
    if let Err(e) = frame.frame_map(root, base + i * 4096, rights(), attributes()) { ${onError} }
    touch(base + i * 4096);
  }
  ${after}
}`);
    expect(rust('log::warn!("{e:?}"); failed += 1; continue;', 'frames.len()')).toEqual(LOST);
    expect(rust('log::warn!("{e:?}"); failed += 1; continue;', 'failed')).toEqual(TOLD);
  });
});

describe('a function that gives the same either way', () => {
  const show = (onError: string, after: string, returns = 'int'): string[] =>
    inC(`${returns} show(seL4_CPtr frame, seL4_CPtr root, struct screen *s, seL4_Word at) {
  int r = 0;
  int error = seL4_X86_Page_Map(frame, root, at, rights, attributes);
  if (error) { ${onError} }
  clear((void *)at);
  ${after}
}`);

  it.each([
    ['printf("%d", error); return 0;', 'return 0;'],
    ['printf("%d", error); return s->lines;', 'return s->lines;'],
    ['return true;', 'return true;'],
  ])('swallows the error: %s %s', (onError, after) => {
    expect(show(onError, after)).toEqual(LOST);
  });

  it.each([
    ['printf("%d", error); return -1;', 'return 0;'],
    ['return error;', 'return error;'],
    // Further errors are told by the same number.
    ['return 0;', 'if (!s->lines) { return 0; } return at;'],
    ['goto out;', 'r = 1; out: return r;'],
    ['r = error; goto out;', 'out: return r;'],
    ['free_frame(frame); return 0;', 'return 0;'],
    ['s->at = 0; return 0;', 'return 0;'],
  ])('does not: %s %s', (onError, after) => {
    expect(show(onError, after)).toEqual(TOLD);
  });

  it('in Rust', () => {
    const rust = (onError: string): string[] =>
      inRust(`fn show(frame: Granule, root: VSpace, at: usize) -> Option<Screen> {
  let error = unsafe { seL4_X86_Page_Map(frame, root, at, rights, attributes) };
  if error != seL4_NoError { println!("no screen"); ${onError} }
  println!("screen");
  Some(Screen { at, lines: 25 })
}`);
    expect(rust('return Some(Screen { at, lines: 25 });')).toEqual(LOST);
    expect(rust('return None;')).toEqual(TOLD);
  });
});

describe('an error that is tested twice', () => {
  const put = (second: string): string[] =>
    inC(`int put(seL4_CPtr frame, seL4_CPtr root, seL4_Word at) {
  int error = seL4_ARM_Page_Map(frame, root, at, rights, attributes);
  if (error) printf("%d", error);
  ${second}
  return 0;
}`);

  it('is heeded by the second test', () => {
    expect(put('if (error) return -1;')).toEqual(TOLD);
    expect(put('if (error != seL4_NoError) abort();')).toEqual(TOLD);
  });

  it('is not where that one prints, too, or comes too late', () => {
    expect(put('if (error) printf("again");')).toEqual(LOST);
    expect(put('error = other(); if (error) return -1;')).toEqual(LOST);
  });
});
