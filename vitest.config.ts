import { defineConfig } from 'vitest/config';

// "source" comes first, so that `@overmap/core` is packages/core/src and a test never sees a stale build.
// The others are Vite's own for Node, which naming any replaces.
const conditions = ['source', 'module', 'node', 'development|production'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    // Property tests and whole-program tests on a small shared machine.
    testTimeout: 30_000,
  },
});
