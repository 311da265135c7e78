import { spawnSync } from 'node:child_process';

const has = (tool: string): boolean => spawnSync(tool, ['--version']).status === 0;

/**
 * Whether a test that needs these programs is passed over: one of them is missing, and OVERMAP_REQUIRE_TOOLS, which
 * makes that a failure, is not set.
 */
export const lacks = (...tools: readonly string[]): boolean =>
  (process.env['OVERMAP_REQUIRE_TOOLS'] ?? '') === '' && !tools.every(has);
