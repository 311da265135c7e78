/** What a progress bar needs of the world. */
export interface ProgressEnvironment {
  readonly write: (text: string) => void;
  /** Milliseconds. */
  readonly now: () => number;
  readonly columns: number;
}

/** A run must take so long before a bar is shown, and between two pictures of it. */
const DELAY = 1000;
const PAUSE = 100;
const BAR = 24;

/** A bar with an estimate, on one line of a terminal. */
export class Progress {
  private readonly environment: ProgressEnvironment;
  private readonly start: number;
  private begun: number;
  private next: number;
  private label = '';
  private shown = false;

  constructor(environment: ProgressEnvironment) {
    this.environment = environment;
    this.start = environment.now();
    this.begun = this.start;
    this.next = this.start + DELAY;
  }

  /** Another input begins. */
  input(label: string): void {
    this.label = label;
    this.begun = this.environment.now();
  }

  /** So much of the input is read. */
  update(done: number, total: number | undefined): void {
    const now = this.environment.now();
    if (now < this.next) return;
    this.next = now + PAUSE;
    const text = total === undefined || total === 0 ? `${megabytes(done)} read` : this.estimate(done / total, now);
    this.environment.write(`\r${`${this.label} ${text}`.slice(0, this.environment.columns - 1)}\u001b[K`);
    this.shown = true;
  }

  /** Take the bar off the screen; it comes again with the next update. */
  erase(): void {
    if (!this.shown) return;
    this.environment.write('\r\u001b[K');
    this.shown = false;
  }

  private estimate(part: number, now: number): string {
    const share = Math.min(1, part);
    const full = Math.round(share * BAR);
    const left = share > 0 ? ((now - this.begun) * (1 - share)) / share : 0;
    const bar = `${'█'.repeat(full)}${'░'.repeat(BAR - full)}`;
    return `${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${duration(left)} left`;
  }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Milliseconds in words: "12 s", "3 min 20 s". */
function duration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
