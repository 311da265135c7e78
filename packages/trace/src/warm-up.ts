import { Columns } from '@overmap/core';
import { RecordScanner } from './record-scanner.ts';
import { makeTables } from './tables.ts';

/** Lines of every common shape. */
const SHAPES = `{"op":"retype","obj":"page","bits":12,"cap":7,"n":1,"paddr":"0x10000000","ret":"ok"}
{"op":"retype","obj":"page","bits":12,"cap":7,"n":2,"ret":"RangeError","min":1,"max":256}
{"op":"retype","obj":"table","cap":12345,"n":1,"ret":"ok","paddr":"0x1000","boot":true}
{"op":"make_pool","cap":3,"ret":"DeleteFirst"}
{"op":"assign","pool":1,"vspace":123,"ret":"ok","asid":9,"synth":true}
{"op":"map_table","cap":7,"vspace":9,"vaddr":"0x0","attr":3,"ret":"InvalidArgument","arg":0}
{"op":"unmap_table","cap":7,"ret":"RevokeFirst"}
{"op":"map","cap":7,"vspace":9,"vaddr":"0x12345678","rights":"rw","attr":3,"ret":"ok","entry":"0x123456789abcdef0"}
{"op":"map","cap":17,"vspace":9,"vaddr":"0x1234567","rights":"","attr":3,"ret":"ok","entry":"0x1","was":"0x2","remap":true}
{"op":"map","cap":7,"vspace":9,"vaddr":"0x1","rights":"rwgG","attr":3,"ret":"FailedLookup","lookup":{"failedForSource":false,"type":"missing_capability","bits":21}}
{"op":"map","cap":7,"vspace":9,"vaddr":"0x1","rights":"r","attr":3,"ret":"InvalidCapability","arg":1}
{"op":"unmap","cap":7,"ret":"ok","cleared":true}
{"op":"address","cap":7,"ret":"ok","paddr":"0x1000"}
{"op":"copy","src":7,"cap":8,"rights":"rwgG","ret":"ok"}
{"op":"mint","src":7,"cap":8,"rights":"r","badge":5,"ret":"IllegalOperation"}
{"op":"move","src":7,"cap":8,"ret":"ok"}
{"op":"swap","cap":7,"with":8,"ret":"ok"}
{"op":"delete","cap":7,"ret":"ok","cleared":false,"why":"no_entry"}
{"op":"revoke","cap":7,"ret":"ok"}
{"op":"state","vspace":9,"entries":[["0x1000",12,"0x5"]],"tables":[]}
{"op":"mark","name":"warm","at":"end","result":"passed"}
`;
/** Often enough for types to be gathered on every branch, not so often that optimisation begins here. */
const ROUNDS = 6;

let warm = false;

/**
 * Run the fast path over each common shape of record, once in a process. Otherwise a branch that is first taken after
 * optimisation throws the optimised code away: three compilations instead of one, a sixth of the time of reading a
 * trace of 100 MB.
 */
export function warmUp(): void {
  if (warm) return;
  warm = true;
  const columns = new Columns(32);
  const bytes = new TextEncoder().encode(SHAPES + ' '.repeat(64));
  const view = new DataView(bytes.buffer);
  for (let round = 0; round < ROUNDS; round++) {
    const record = new RecordScanner(columns, makeTables(), round % 4 === 0, round % 4 === 0);
    let p = 0;
    let count = 0;
    for (; p < SHAPES.length && p >= 0; count++) p = record.scan(bytes, view, p, count);
    record.clear(count);
  }
}
