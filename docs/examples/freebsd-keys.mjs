// Which pages lose their protection key under one policy of FreeBSD's pmap, and keep it under another?
// node docs/examples/freebsd-keys.mjs [from] [to] [scenarios.jsonl.gz]      Needs a build.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { freebsd } from '@overmap/core';
import { auditKeys, lostUnder, readKeyScenario } from '@overmap/migrate';

const bundled = new URL('../../recordings/freebsd/policies-derived.jsonl.gz', import.meta.url);
const [from = 'every_pmap_remove', to = 'pmap_map_delete', file = bundled] = process.argv.slice(2);
const { KEY_POLICIES, PAGE_SIZE } = freebsd;
for (const name of [from, to])
  if (!(name in KEY_POLICIES)) throw new Error(`no policy ${name}; there are ${Object.keys(KEY_POLICIES).join(', ')}`);

for (const line of gunzipSync(readFileSync(file)).toString('utf8').split('\n')) {
  if (line.trim() === '') continue;
  const { name, ops } = JSON.parse(line);
  const { operations, uncovered } = readKeyScenario(ops);
  for (const found of auditKeys(operations, KEY_POLICIES[from], KEY_POLICIES[to])) {
    const who = lostUnder(found);
    const key = (found.from ?? found.to)?.value;
    const policy = who === 'from' ? from : to;
    const why = `operation ${found.index} (${found.operation.op}), pages ${found.pages}`;
    for (let page = found.start; page < found.end; page += PAGE_SIZE)
      console.log(`${name}: page 0x${page.toString(16)} loses key ${key} under ${policy}: ${why}`);
  }
  if (uncovered !== undefined) console.log(`${name}: not read to its end: ${uncovered}`);
}
