import { Advice, Call, type StraceCall } from '@overmap/trace';

/** The target's call for one of the log that only names a range, but for that range; null: it is none. */
export function rangeCall({ kind, flags }: StraceCall) {
  switch (kind) {
    case Call.madvise: {
      const advice = flags === Advice.dontFork ? 'dontfork' : flags === Advice.doFork ? 'dofork' : 'other';
      return { call: 'madvise', advice } as const;
    }
    case Call.mlock:
      return { call: 'mlock' } as const;
    case Call.munlock:
      return { call: 'munlock' } as const;
    case Call.msync:
      return { call: 'msync' } as const;
    case Call.mincore:
      return { call: 'mincore' } as const;
    default:
      return null;
  }
}
