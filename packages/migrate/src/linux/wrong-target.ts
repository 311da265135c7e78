/** An input was to be held against something that its system does not have. */
export class WrongTargetError extends Error {
  override readonly name = 'WrongTargetError';
}
