import { pageData } from './element.ts';
import { App, subtitle } from './explore/app.ts';
import { part } from './explore/lanes-view.ts';
import { loadWorld } from './explore/load.ts';
import { startTheme } from './theme.ts';

/** Give the browser its turn. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

async function start(): Promise<void> {
  startTheme();
  const loading = part(document, '[data-loading]');
  const root = part(document, '[data-explorer]');
  try {
    const { packed } = pageData('trace') as { readonly packed: string };
    const world = await loadWorld(packed);
    await world.prepare(pause);
    part(document, '[data-subtitle]').textContent = subtitle(world);
    if (world.steps === 0) {
      loading.textContent = 'The input has no event that could be shown.';
      return;
    }
    root.hidden = false;
    loading.hidden = true;
    new App(world, root).open(location.hash);
    document.documentElement.dataset['ready'] = 'true';
  } catch (error) {
    loading.textContent = `This page could not be opened: ${error instanceof Error ? error.message : String(error)}`;
  }
}

void start();
