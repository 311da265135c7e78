import type { PcuabiSpace } from './address-space.ts';
import type { PcuabiCall } from './call.ts';
import { checkMmap, checkShmat } from './check-mmap.ts';
import { checkMremap } from './check-mremap.ts';
import {
  checkMadvise,
  checkMincore,
  checkMlock,
  checkMprotect,
  checkMsync,
  checkMunmap,
  checkShmdt,
} from './check-range.ts';
import type { Decision } from './decision.ts';
import { checkBrk, checkExec, checkFork } from './lifecycle.ts';

/** What a call would answer and change. Nothing is changed: {@link applyEdits} does that. */
export function decide(space: PcuabiSpace, call: PcuabiCall): Decision {
  switch (call.call) {
    case 'mmap':
      return checkMmap(space, call);
    case 'munmap':
      return checkMunmap(space, call);
    case 'mprotect':
      return checkMprotect(space, call);
    case 'madvise':
      return checkMadvise(space, call);
    case 'mlock':
    case 'munlock':
      return checkMlock(space, call);
    case 'msync':
      return checkMsync(space, call);
    case 'mincore':
      return checkMincore(space, call);
    case 'mremap':
      return checkMremap(space, call);
    case 'shmat':
      return checkShmat(space, call);
    case 'shmdt':
      return checkShmdt(space, call);
    case 'brk':
      return checkBrk(space);
    case 'fork':
      return checkFork(space, call);
    case 'exec':
      return checkExec(space);
  }
}
