import { Pmap, type PmapOptions } from './pmap.ts';
import { VmMap } from './vm-map.ts';

/** One process: its entries and its pmap. */
export class Process {
  readonly id: number;
  readonly map: VmMap;
  readonly pmap: Pmap;
  /** False from when all of its pages were taken until it runs again. */
  inMemory: boolean;
  /** Resident pages besides those of this model: a process that runs has code and a stack. */
  readonly elsewhere: number;

  constructor(id: number, map: VmMap, pmap: Pmap, elsewhere: number, inMemory = true) {
    this.id = id;
    this.map = map;
    this.pmap = pmap;
    this.elsewhere = elsewhere;
    this.inMemory = inMemory;
  }

  /** Pages that the model does not hold, resident now. */
  get residentElsewhere(): number {
    return this.inMemory ? this.elsewhere : 0;
  }

  clone(): Process {
    return new Process(this.id, this.map.clone(), this.pmap.clone(), this.elsewhere, this.inMemory);
  }

  static empty(id: number, options: PmapOptions, elsewhere: number): Process {
    return new Process(id, new VmMap(), new Pmap(options), elsewhere);
  }
}
