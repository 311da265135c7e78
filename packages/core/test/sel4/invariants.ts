import {
  ASSUMED,
  CAP_WORDS,
  CapType,
  NEXT,
  OBJECT,
  OBJECT_HI,
  ORIGIN,
  PREV,
  SIZE_MASK,
  SIZE_SHIFT,
  TYPE_MASK,
  UNSURE,
} from '../../src/sel4/capability.ts';
import { EXTERNAL_ROOT, type Kernel, WALK_CACHE } from '../../src/sel4/kernel.ts';

/** @throws Error when it does not hold: cheaper than an assertion where there are thousands */
export function ensure(holds: boolean, what: string): void {
  if (!holds) throw new Error(`invariant: ${what}`);
}

/**
 * What must be true of a kernel between any two invocations, counted again from scratch.
 *
 * @throws Error naming the first thing that is not
 */
export function checkInvariants(k: Kernel): void {
  const objects = checkRings(k);
  checkReferences(k, objects);
  checkArena(k);
  checkEntries(k);
  checkAsids(k, objects);
  checkWalkCache(k);
}

/** What has capabilities. */
interface Objects {
  readonly tables: ReadonlySet<number>;
  readonly pools: ReadonlySet<number>;
}

/** The capabilities of one object, and no others, form one ring with at most one origin. */
function checkRings(k: Kernel): Objects {
  const caps = k.caps;
  const ringOf = new Map<string, number>();
  const members = new Map<string, number[]>();
  const tables = new Set<number>();
  const pools = new Set<number>();
  for (let slot = 0; slot < k.slotLimit; slot++) {
    const c = slot * CAP_WORDS;
    const type = caps[c] & TYPE_MASK;
    if (type === CapType.empty) {
      for (let i = 0; i < CAP_WORDS; i++) ensure(caps[c + i] === 0, `empty slot ${slot} is all zeros`);
      continue;
    }
    ensure(slot !== 0, 'the scratch slot is empty');
    ensure((caps[c] & (ASSUMED | UNSURE)) === 0, `slot ${slot} is certain in a complete trace`);
    ensure(caps[caps[c + NEXT] + PREV] === c, `slot ${slot} is its next one's previous one`);
    if (type === CapType.pool) pools.add(caps[c + OBJECT]);
    else if (type !== CapType.frame) tables.add(caps[c + OBJECT]);
    const key = objectKey(k, c);
    const list = members.get(key);
    if (list === undefined) members.set(key, [c]);
    else list.push(c);
    ringOf.set(key, c);
  }
  for (const [key, start] of ringOf) {
    const expected = members.get(key)?.length ?? 0;
    let seen = 0;
    let origins = 0;
    let c = start;
    do {
      ensure(objectKey(k, c) === key, `the ring of ${key} holds only its capabilities`);
      if ((caps[c] & ORIGIN) !== 0) origins++;
      seen++;
      c = caps[c + NEXT];
    } while (c !== start && seen <= expected);
    ensure(seen === expected, `the ring of ${key} has ${expected} capabilities, not ${seen}`);
    ensure(origins <= 1, `${key} has at most one origin`);
  }
  return { tables, pools };
}

function objectKey(k: Kernel, c: number): string {
  const type = k.caps[c] & TYPE_MASK;
  if (type !== CapType.frame) return `${type === CapType.pool ? 'pool' : 'table'} ${k.caps[c + OBJECT]}`;
  return `frame ${k.caps[c + OBJECT_HI]}:${k.caps[c + OBJECT]} ${(k.caps[c] >> SIZE_SHIFT) & SIZE_MASK}`;
}

/** Reference counts and life of every table. */
function checkReferences(k: Kernel, { tables }: Objects): void {
  const refs = new Int32Array(k.tableCount);
  const free = new Set(k.freeHandles);
  ensure(free.size === k.freeHandles.length, 'a handle is freed once');
  for (let t = 1; t < k.tableCount; t++) {
    const base = k.tableBase[t];
    let children = 0;
    if (base !== 0)
      for (let i = 0; i < k.tableEntries[t]; i++) {
        const link = k.links[base + i];
        if (link <= 0) continue;
        children++;
        refs[link]++;
      }
    ensure(children === k.tableChildren[t], `table ${t} points to ${children} tables, not ${k.tableChildren[t]}`);
    const alive = t === EXTERNAL_ROOT || tables.has(t);
    ensure((k.tableAlive[t] === 1) === alive, `table ${t} is ${alive ? '' : 'not '}alive`);
  }
  for (let t = 1; t < k.tableCount; t++) {
    ensure(refs[t] === k.tableRefs[t], `${refs[t]} entries point to table ${t}, not ${k.tableRefs[t]}`);
    const gone = refs[t] === 0 && k.tableAlive[t] === 0;
    ensure(gone === free.has(t), `table ${t} is ${gone ? '' : 'not '}free`);
    if (gone) ensure(k.tableBase[t] === 0, `free table ${t} has no entries`);
  }
}

/** The regions of the arena tile it, and free ones are zeros. */
function checkArena(k: Kernel): void {
  const regions: { at: number; entries: number; free: boolean }[] = [];
  for (let t = 1; t < k.tableCount; t++)
    if (k.tableBase[t] !== 0) regions.push({ at: k.tableBase[t], entries: k.tableEntries[t], free: false });
  for (const [entries, bases] of k.freeBases) for (const at of bases) regions.push({ at, entries, free: true });
  const zeros = k.tableEntries[EXTERNAL_ROOT];
  regions.push({ at: 0, entries: zeros, free: true });
  regions.sort((a, b) => a.at - b.at);
  let end = 0;
  for (const { at, entries, free } of regions) {
    ensure(at === end, `the arena has a hole or an overlap at ${end}, ${at}`);
    end = at + entries;
    if (!free) continue;
    for (let i = at; i < end; i++)
      ensure((k.entryLo[i] | k.entryHi[i] | k.links[i]) === 0, `the free entry ${i} of the arena is zero`);
  }
  ensure(end === k.arenaEnd, `the arena ends at ${end}, not ${k.arenaEnd}`);
}

/** A link is empty where the word is, and points to the table whose address stands in the word. */
function checkEntries(k: Kernel): void {
  for (let at = 0; at < k.arenaEnd; at++) {
    const link = k.links[at];
    const lo = k.entryLo[at];
    const hi = k.entryHi[at];
    ensure((link === 0) === (lo === 0 && hi === 0), `entry ${at} is empty in its word and its link`);
    if (link < 0) ensure(-link <= k.sizeBits.length, `entry ${at} has a page size`);
    if (link <= 0) continue;
    const address = (BigInt(k.tableHiPaddr[link] >>> 0) << 32n) | BigInt(k.tableLoPaddr[link] >>> 0);
    const word = (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
    const held = k.addressShift === 0 ? word : (word >> 10n) << 12n;
    // Tables are at least 1 KiB aligned; what is below are flags.
    ensure((held & ~0x3ffn) === (address & ~0x3ffn), `entry ${at} holds the address of table ${link}`);
  }
}

/** The ASID table and its pools name each other, and every root that has an ASID lives. */
function checkAsids(k: Kernel, { pools }: Objects): void {
  for (let index = 0; index < k.asidTable.length; index++) {
    const pool = k.asidTable[index];
    if (pool === 0) continue;
    ensure(k.poolIndex[pool] === index, `pool ${pool} stands at its own index`);
    ensure(pools.has(pool), `pool ${pool} has a capability`);
    ensure(k.asidRoots.length >= (index + 1) * k.poolEntries, `the ASIDs of pool ${pool} have a place`);
  }
  const free = new Set(k.freePools);
  for (let pool = 1; pool < k.poolCount; pool++)
    ensure(free.has(pool) !== pools.has(pool), `pool ${pool} is either free or has a capability`);
  ensure(k.asidRoots[0] === 0, 'ASID 0 is never given out');
  for (let asid = 1; asid < k.asidRoots.length; asid++) {
    const root = k.asidRoots[asid];
    if (root === 0) continue;
    ensure(k.asidTable[Math.floor(asid / k.poolEntries)] !== 0, `ASID ${asid} has a pool`);
    ensure(k.tableAlive[root] === 1, `the root of ASID ${asid} lives`);
  }
}

/** Every walk that is remembered is what a walk finds. */
function checkWalkCache(k: Kernel): void {
  const cache = k.walkCache;
  const words = cache.length / WALK_CACHE;
  for (let line = 0; line < cache.length; line += words) {
    const root = cache[line];
    const table = cache[line + 3];
    if (root === 0) continue;
    const vaddr = (BigInt(cache[line + 1] >>> 0) << 32n) | (BigInt(cache[line + 2]) << BigInt(k.prefixShift));
    let found = root;
    for (let level = 0; level < k.lastLevel; level++) {
      const index = Number(vaddr >> BigInt(k.shift[level])) & k.indexMask[level];
      found = k.links[k.tableBase[found] + index];
      ensure(found > 0, `the remembered walk to ${vaddr.toString(16)} meets only tables`);
    }
    ensure(found === table, `the remembered walk to ${vaddr.toString(16)} ends in table ${found}, not ${table}`);
    if (words > 4)
      ensure(cache[line + 4] === k.tableBase[found], `the remembered entries of table ${found} are its own`);
  }
}

/** After the last capability has been deleted: every table, region and pool is free again. */
export function checkNothingLeft(k: Kernel): void {
  checkInvariants(k);
  ensure(k.freeHandles.length === k.tableCount - 2, 'every table handle is free');
  const zeros = k.tableEntries[EXTERNAL_ROOT];
  let entries = 0;
  for (const [n, bases] of k.freeBases) entries += n * bases.length;
  ensure(entries === k.arenaEnd - zeros, 'every region of the arena is free');
}
