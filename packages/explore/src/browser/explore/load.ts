import type { PageHead } from '../../page-format/explore/page-data.ts';
import { splitSections } from '../../page-format/explore/sections.ts';
import { LinuxWorld } from './linux-world.ts';
import type { World } from './moment.ts';
import { Sel4World } from './sel4-world.ts';

/** The world in a page's data: base64 of gzip. */
export async function loadWorld(packed: string): Promise<World> {
  const compressed = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream('gzip'));
  const { head, sections } = splitSections(new Uint8Array(await new Response(stream).arrayBuffer()));
  const typed = head as PageHead;
  return typed.system === 'sel4' ? new Sel4World(typed, sections) : new LinuxWorld(typed, sections);
}
