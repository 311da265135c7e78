import { escapeText, type StraceCall } from '@overmap/trace';
import { type AddressSpace, roundUp } from '../linux/address-space.ts';
import type { PcuabiProcess } from './pcuabi-process.ts';

/** Above it, addresses are no numbers that can be told apart. */
export const HIGHEST = Number.MAX_SAFE_INTEGER;
const NAME = 200;

/** A call of the log, in its process. */
export class CallAt {
  readonly call: StraceCall;
  readonly process: PcuabiProcess;
  readonly name: string;

  constructor(call: StraceCall, process: PcuabiProcess, name: string) {
    this.call = call;
    this.process = process;
    this.name = name;
  }

  /** The range that the call names first; null where it is none. */
  range(): { readonly start: number; readonly end: number } | null {
    const { address: start, length } = this.call;
    const end = start + roundUp(length);
    return end > start && end <= HIGHEST ? { start, end } : null;
  }
}

/** "process 9609 (/usr/bin/ls)". */
export function nameOf({ pid, program }: AddressSpace): string {
  const number = pid > 0 ? `process ${pid}` : 'the process';
  return program === null ? number : `${number} (${escapeText(program, NAME)})`;
}
