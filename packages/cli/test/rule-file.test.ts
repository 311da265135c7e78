import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResolvedSlot } from '@overmap/core';
import { afterAll, expect, it } from 'vitest';
import { isRuleFile, loadRule } from '../src/runs/rule-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'overmap-rule-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const slot: ResolvedSlot = { arch: 'x86_64', frameBits: 12, frame: 4096n, vaddr: 0n, records: null, entry: null };
let made = 0;
function file(text: string, extension = 'mjs'): string {
  const path = join(folder, `rule-${made++}.${extension}`);
  writeFileSync(path, text);
  return path;
}

it.each([
  ['strict', false],
  ['permissive-aware', false],
  ['rule.mjs', true],
  ['rule.js', true],
  ['rule.cjs', true],
  ['./rule', true],
  ['../rule', true],
  ['/tmp/rule', true],
])('%s is a file: %s', (text, is) => {
  expect(isRuleFile(text)).toBe(is);
});

it.each([
  ["export default (slot) => (slot.entry === null ? 'ok' : 'DeleteFirst');", 'mjs'],
  ["export const rule = (slot) => (slot.entry === null ? 'ok' : 'DeleteFirst');", 'mjs'],
  ["module.exports = (slot) => (slot.entry === null ? 'ok' : 'DeleteFirst');", 'cjs'],
])('loads %s', async (text, extension) => {
  const rule = await loadRule(file(text, extension));
  expect(rule(slot)).toBe('ok');
  expect(rule({ ...slot, entry: { bits: 12, frame: 0n, holdsThisFrame: false } })).toBe('DeleteFirst');
});

it.each([
  ['', /exports no function: it needs "export default/],
  ['export default 42;', /exports no function/],
  ['export default (', /cannot be loaded: \w*Error: /],
  ["throw new Error('\\u001b[31mno');", /cannot be loaded: Error: \\u\{1b\}\[31mno/],
  ["import 'no-such-package';", /cannot be loaded: Error: Cannot find package/],
])('explains %s', async (text, reason) => {
  await expect(loadRule(file(text))).rejects.toThrow(reason);
});

it('explains a rule that is not there, or not JavaScript', async () => {
  await expect(loadRule(join(folder, 'none.mjs'))).rejects.toThrow(/no such file/);
  await expect(loadRule(file('', 'ts'))).rejects.toThrow(/TypeScript: compile it/);
});

it.each([
  ["() => 'maybe'", /answered "maybe"; it must answer one of ok, DeleteFirst/],
  ['() => undefined', /answered undefined/],
  ["async () => 'ok'", /must not be async/],
  ['(slot) => slot.entry.bits', /failed: TypeError/],
])('explains what is wrong with the rule %s', async (text, reason) => {
  const rule = await loadRule(file(`export default ${text};`));
  expect(() => rule(slot)).toThrow(reason);
});
