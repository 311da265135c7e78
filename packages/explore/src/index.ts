export { type PageProgram, pageProgram } from './page-program.ts';
export { type ExplorerOptions, type ExplorerPage, explorerPage } from './data/explorer-page.ts';
