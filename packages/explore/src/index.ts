export { type PageProgram, pageProgram } from './page-program.ts';
export { gather, type Gathered, type GatherOptions } from './data/gather.ts';
export { pageBytes } from './data/page-bytes.ts';
