import { Kernel, type KernelOptions, type SlotRule } from '@overmap/core';
import { MalformedInputError, type TraceHeader, type TraceScanner } from '@overmap/trace';
import type { TraceNames } from './sel4-findings.ts';

/**
 * The kernel in whose state a trace begins.
 *
 * Complete recordings of a whole system (the client dialect, `config.slots`) assign ASID 1 themselves; in others the
 * recorder's own vspace has it.
 *
 * @param rule - the rule of the policy `custom`, if that is used
 * @throws MalformedInputError when the header's configuration is one that the architecture does not have
 */
export function traceKernel(header: TraceHeader, rule: SlotRule | undefined): Kernel {
  const options: KernelOptions = {
    arch: header.arch,
    config: header.config,
    asidPoolSlot: header.asidPoolSlot,
    rootTaskAssigned: header.config.slots === undefined,
    ...(rule === undefined ? {} : { rule }),
  };
  try {
    return new Kernel(options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new MalformedInputError(
      `the trace's header describes a kernel that there is not: ${error.message}`,
      undefined,
      {
        cause: error,
      },
    );
  }
}

/** The names behind the numbers of a scanner's columns. */
export function traceNames(scanner: TraceScanner): TraceNames {
  const name = (index: number): string => String(scanner.names.values[index] ?? '');
  return {
    name,
    slot(dense) {
      if (dense === 0) return '(none)';
      const { number, cspace } = scanner.slots.nameOf(dense);
      return cspace === undefined ? String(number) : `${number} of ${name(cspace)}`;
    },
    site(index) {
      const site = scanner.sites.values[index];
      return site === undefined ? null : { file: site.file, line: site.line, function: site.function ?? null };
    },
  };
}
