/**
 * Signs that tell severities apart without colours: one sign for one severity, in lists, on canvases and in what the
 * program prints into a page.
 */
export const SEVERITY_SIGNS = { error: '✕', warning: '▲', note: '●' } as const;
