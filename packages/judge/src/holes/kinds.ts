/** The properties that a search tries to break. */
export const PROPERTIES = {
  displacement: 'no displacement',
  loss: 'no silent loss',
  gone: 'unmap means gone',
  layout: "the supervisor's layout holds",
  copies: 'copies keep their places',
} as const;
/** The name of a property. */
export type PropertyName = keyof typeof PROPERTIES;

/** How a property came to be broken: the last step, and what made it possible. */
export interface Cause {
  readonly title: string;
  /** The entry of docs/sel4/holes.md that it is an instance of, if there is one. */
  readonly hole: string | null;
}

const STALE = 'stale remap';
/** All causes by name. */
export const CAUSES = {
  'over-map': { title: 'over-map', hole: null },
  'stale-table-unmapped': { title: `${STALE}, after the table was unmapped`, hole: 'H1' },
  'stale-table-deleted': { title: `${STALE}, after the table was deleted`, hole: 'H1' },
  'stale-displaced': { title: `${STALE}, after the page was displaced`, hole: 'H1' },
  'stale-cleared': { title: `${STALE}, after a copy was unmapped`, hole: 'H1' },
  'asid-reuse': { title: 'remap under a reused ASID', hole: 'H2' },
  'no-rights': { title: 'remap of a page that was mapped without rights', hole: 'H4' },
  elsewhere: { title: 'over-map by a capability that is mapped elsewhere', hole: null },
  'remap-other': { title: 'remap of a place that it had never lost', hole: null },
  'copy-alias': { title: 'unmap of a copy that was mapped over its own frame', hole: 'H5' },
  'copy-stale': { title: 'unmap by a stale copy', hole: 'H6' },
  'copy-asid-reuse': { title: 'unmap by a copy under a reused ASID', hole: 'H2' },
  'copy-no-rights': { title: 'unmap by a copy that was mapped without rights', hole: 'H6' },
  'copy-remap': { title: 'remap that wrote no page where a copy had its', hole: null },
  'copy-unmapped': { title: 'unmap by a copy that is not mapped', hole: null },
  'still-there': { title: 'unmap that left the page', hole: null },
} as const satisfies Readonly<Record<string, Cause>>;
/** The name of a cause. */
export type CauseName = keyof typeof CAUSES;
