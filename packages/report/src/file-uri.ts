/**
 * A path as a URI reference: relative stays relative, so that it can be resolved against a checkout.
 *
 * @param path - a path as it was given; any text
 * @returns only characters that may stand in a URI, everything else percent-encoded
 */
export function fileUri(path: string): string {
  const segments = path.replaceAll('\\', '/').split('/').map(encoded).join('/');
  if (/^[A-Za-z]%3A\//.test(segments)) return `file:///${segments.replace('%3A', ':')}`; // a drive
  return segments.startsWith('/') ? `file:///${segments.replace(/^\/+/, '')}` : segments;
}

/** Lone surrogates have no encoding. */
const encoded = (segment: string): string => encodeURIComponent(segment.replace(/\p{Cs}/gu, '\ufffd'));
