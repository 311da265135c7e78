export { type PageProgram, pageProgram } from './page-program.ts';
