export * from './builds.ts';
export * from './rule.ts';
export * from './holes/search.ts';
export * from './holes/small-world.ts';
