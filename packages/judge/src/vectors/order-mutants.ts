import {
  ASID,
  check,
  Code,
  CODE_MASK,
  INVALID_ROOT,
  MAPPED,
  OBJECT,
  Op,
  TYPE_MASK,
  VADDR_HI,
  VADDR_LO,
} from '@overmap/core';
import type { CheckMutant } from './mutant.ts';
import { type MapRow, mapRow, Patch, REPAIRS, type RepairName } from './patch.ts';

/** What can be wrong with one Page_Map. */
const FAULTS = ['vspace', 'root', 'recordedAsid', 'recordedAddress', 'alignment', 'limit', 'level', 'place'] as const;
type Fault = (typeof FAULTS)[number];

const NAMES: Readonly<Record<Fault, string>> = {
  vspace: 'the vspace argument',
  root: "the vspace's ASID",
  recordedAsid: 'the recorded ASID',
  recordedAddress: 'the recorded address',
  alignment: 'the alignment',
  limit: 'the limit',
  level: 'the level',
  place: 'the place',
};

/**
 * Kernels that make one check before another. No order is written down here: a map is asked again with every other
 * fault repaired, which gives the faults that it has and what each would answer alone; a mutant answers a later one.
 */
export function orderMutants(): CheckMutant[] {
  const faults = new FaultsOfMap();
  return FAULTS.flatMap((early) =>
    FAULTS.filter((late) => late !== early).map(
      (late): CheckMutant => ({
        id: `order-${late}-before-${early}`,
        rule: 'order',
        what: `looks at ${NAMES[late]} before ${NAMES[early]}`,
        answer(k, columns, row, policy, answer) {
          if (columns.op[row] !== Op.map || answer === 0) return answer;
          const map = mapRow(k, columns, row);
          if (!map.isFrame) return answer;
          const alone = faults.of(map, policy);
          if (alone.get(early) !== answer || faults.first !== early) return answer;
          return alone.get(late) ?? answer;
        },
      }),
    ),
  );
}

/** The faults of the map that was looked at last: all mutants of the order ask about the same one. */
class FaultsOfMap {
  /** The fault that the engine answers. */
  first: Fault | null = null;
  private readonly patch = new Patch();
  private alone: Map<Fault, number> = new Map();
  private key = '';

  /** What each fault would answer alone. */
  of(map: MapRow, policy: number): ReadonlyMap<Fault, number> {
    const { k, columns, row, c, v } = map;
    // A state and a row are told apart by what the checks read of them; the walk's place by the links on the way.
    const key = `${policy} ${[...k.caps.subarray(c, c + 8), ...k.caps.subarray(v, v + 6)].join()} ${columns.vaddrHi[row]} ${columns.vaddrLo[row]} ${k.asidRoots[k.caps[v + ASID]]} ${this.ask(map, policy, [])} ${this.ask(map, policy, ALL)}`;
    if (key === this.key) return this.alone;
    this.key = key;
    this.alone = new Map();
    for (const fault of FAULTS) if (this.present(map, fault)) this.add(map, fault, policy);
    const answer = this.ask(map, policy, []);
    // The one that is answered is the one without which something else is answered.
    this.first =
      [...this.alone.keys()].find(
        (fault) =>
          this.alone.get(fault) === answer && (!isRepairable(fault) || this.ask(map, policy, [fault]) !== answer),
      ) ?? null;
    return this.alone;
  }

  private add(map: MapRow, fault: Fault, policy: number): void {
    const others = ALL.filter((other) => other !== fault);
    // A recorded capability is not held against the limit on most architectures.
    const answer = this.ask(map, policy, others, fault === 'limit' || fault === 'place');
    const code = answer & CODE_MASK;
    const fits =
      fault === 'level'
        ? code === Code.FailedLookup && answer !== INVALID_ROOT
        : fault === 'place'
          ? code === Code.DeleteFirst
          : code !== Code.ok && code !== Code.DeleteFirst && (code !== Code.FailedLookup || answer === INVALID_ROOT);
    if (fits) this.alone.set(fault, answer);
  }

  private present({ k, columns, row, c, v, size }: MapRow, fault: Fault): boolean {
    const { caps } = k;
    switch (fault) {
      case 'vspace':
        return (caps[v] & (TYPE_MASK | MAPPED)) !== k.vspaceWord;
      case 'root':
        return (caps[v] & (TYPE_MASK | MAPPED)) === k.vspaceWord && k.asidRoots[caps[v + ASID]] !== caps[v + OBJECT];
      case 'recordedAsid':
        return caps[c + ASID] !== 0 && caps[c + ASID] !== caps[v + ASID];
      case 'recordedAddress':
        return (
          caps[c + ASID] !== 0 &&
          (caps[c + VADDR_LO] !== columns.vaddrLo[row] || caps[c + VADDR_HI] !== columns.vaddrHi[row])
        );
      case 'alignment':
        return (columns.vaddrLo[row] & k.sizes[size]) !== 0;
      default:
        return true;
    }
  }

  /** What the engine answers once these faults are repaired. */
  private ask(map: MapRow, policy: number, repaired: readonly RepairName[], fresh = false): number {
    const { k, columns, row, c } = map;
    try {
      if (fresh) this.patch.set(k.caps, c + ASID, 0);
      // The address first: what is recorded is made equal to what it then is.
      for (const name of ['alignment', ...repaired.filter((one) => one !== 'alignment')] as const)
        if (repaired.includes(name)) REPAIRS[name](map, this.patch);
      return check(k, columns, row, policy);
    } finally {
      this.patch.undo();
    }
  }
}

const ALL: readonly RepairName[] = ['vspace', 'root', 'recordedAsid', 'recordedAddress', 'alignment', 'limit'];
const isRepairable = (fault: Fault): fault is RepairName => fault !== 'level' && fault !== 'place';
