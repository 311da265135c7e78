/** The counts of an audit of Redox' memory calls, as they are and with defects repaired. */
export interface RedoxSummary {
  sessions: number;
  /** Operations on address spaces that were run. */
  operations: number;
  /** Operations that reached the code of a defect, and those that would come out otherwise without it; by defect. */
  reached: Record<string, number>;
  changed: Record<string, number>;
  /** Operations that change with any one defect repaired. */
  operationsChanged: number;
  /** Sessions in which the kernel stops. */
  panics: number;
  /** What was not run, by kind and reason. */
  skipped: Readonly<Record<string, number>>;
}
