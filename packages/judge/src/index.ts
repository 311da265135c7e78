export { architectureOf, BUILD_NAMES, type BuildName, BUILDS } from './builds.ts';
export {
  amongCopies,
  type FindOptions,
  findHoles,
  type Hole,
  type HolesFound,
  type SearchedWorld,
} from './holes/find-holes.ts';
export { holeTrace } from './holes/hole-trace.ts';
export { type HoleRecord, type HolesDocument, holesDocument, holesTables } from './holes/holes-document.ts';
export { CAUSES, type CauseName, PROPERTIES, type PropertyName } from './holes/kinds.ts';
export { type Judged, judgedName } from './rule.ts';
export { type WrittenTrace, writeTrace } from './written-trace.ts';
export { makeVectors, type Suite } from './vectors/make-vectors.ts';
export { suiteDocument, suiteTables } from './vectors/suite-tables.ts';
export { suiteTrace } from './vectors/suite-trace.ts';
