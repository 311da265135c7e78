import type { InputKind } from '@overmap/trace';
import { cheriBoundsCheck } from './cheri-bounds-check.ts';
import { pcuabiCheck } from './pcuabi-check.ts';
import { linuxCheck } from './linux-check.ts';
import { freebsdCheck } from './freebsd-check.ts';
import type { RecordingCheckMaker } from './recording-check.ts';
import { redoxCheck } from './redox-check.ts';

/** How the recordings of the systems besides seL4 are run, by what an input turns out to be. */
export const RECORDING_CHECKS: Readonly<Partial<Record<InputKind, RecordingCheckMaker>>> = {
  linux: linuxCheck,
  'cheri-bounds': cheriBoundsCheck,
  pcuabi: pcuabiCheck,
  'freebsd-keys': freebsdCheck,
  redox: redoxCheck,
};
