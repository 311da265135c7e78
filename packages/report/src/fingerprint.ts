import { createHash } from 'node:crypto';
import type { Finding } from './finding.ts';

/**
 * Gives the findings of one audit fingerprints that stay the same when unrelated lines of the trace or of the client's
 * source come or go: from the rule, the place (file and function, or file and line where the function is not known;
 * without a site the test), the address (or the key, where addresses change from run to run), and how many there were before with the same three. Events and lines of the
 * trace are left out. Keeps a number for each different finding.
 */
export class Fingerprints {
  private readonly seen: Map<string, number> = new Map();

  /** The fingerprint of the next finding: 32 hex digits. */
  of({ rule, site, test, vaddr, key: known }: Finding): string {
    const place = site === null ? ['test', test] : ['site', site.file, site.function ?? site.line];
    const key = hash(JSON.stringify([rule, place, known ?? vaddr ?? null]));
    const occurrence = this.seen.get(key) ?? 0;
    this.seen.set(key, occurrence + 1);
    return occurrence === 0 ? key : hash(`${key} ${occurrence}`);
  }
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
