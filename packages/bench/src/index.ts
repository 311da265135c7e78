export * from './bench-case.ts';
export * from './price-table.ts';
export * from './work.ts';
