import { expect, it } from 'vitest';
import { fileUri } from '../src/file-uri.ts';

it.each([
  ['trace.jsonl', 'trace.jsonl'],
  ['../a b/%41.gz', '../a%20b/%2541.gz'],
  ['/tmp/trace.jsonl', 'file:///tmp/trace.jsonl'],
  ['//host/share', 'file:///host/share'],
  ['javascript:alert(1)', 'javascript%3Aalert(1)'],
  ['http://example.org', 'http%3A//example.org'],
  ['C:\\traces\\a.jsonl', 'file:///C:/traces/a.jsonl'],
  ['a#b?c', 'a%23b%3Fc'],
  ['x\ud800\u001b\n', 'x%EF%BF%BD%1B%0A'],
])('%j', (path, uri) => {
  expect(fileUri(path)).toBe(uri);
});
