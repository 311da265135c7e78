import { Exit } from '../exit-code.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Signals that ask the run to end: the first one nicely, so that what was found is written; the second one at once. */
export class Interrupt {
  requested = false;
  private readonly onSignal: () => void;

  /** @param wake - called at the first signal: what waits for input has to wake up */
  constructor(wake: () => void) {
    this.onSignal = () => {
      if (this.requested) process.exit(Exit.interrupted);
      this.requested = true;
      wake();
    };
    for (const signal of SIGNALS) process.on(signal, this.onSignal);
  }

  /** Signals end the program again as they do by default. */
  release(): void {
    for (const signal of SIGNALS) process.off(signal, this.onSignal);
  }
}
