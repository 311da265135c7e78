/**
 * The quantile of Student's t distribution that is exceeded with probability `tail`.
 *
 * @param tail - in (0, 0.5)
 * @param freedom - degrees of freedom, at least 1; rounded down, which only widens an interval
 */
export function studentQuantile(tail: number, freedom: number): number {
  const n = Math.floor(freedom);
  let low = 0;
  let high = 1;
  while (exceeds(high, n) > tail) high *= 2;
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if (exceeds(middle, n) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(T > t) for whole degrees of freedom: Abramowitz and Stegun, 26.7.3 (odd) and 26.7.4 (even). */
function exceeds(t: number, n: number): number {
  const angle = Math.atan(t / Math.sqrt(n));
  const sin = Math.sin(angle);
  const cos = Math.cos(angle);
  const odd = n % 2;
  let term = odd === 1 ? cos : 1;
  let sum = 0;
  for (let k = odd + 1; k < n + odd; k += 2) {
    sum += term;
    term *= (cos * cos * k) / (k + 1);
  }
  return (1 - (odd === 1 ? (2 / Math.PI) * (angle + sin * sum) : sin * sum)) / 2;
}
