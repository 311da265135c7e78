import { REPORT_DATA, type ReportData } from '../page-format/report-data.ts';
import { pageData } from './element.ts';
import { FindingsView } from './report/findings-view.ts';
import { startTheme } from './theme.ts';

startTheme();

const place = document.getElementById('findings-list');
const view = place === null ? undefined : new FindingsView(pageData(REPORT_DATA) as ReportData, place);

/** Opens what the address names: a finding, or a rule's card. */
function goToAnchor(): void {
  const name = decodeAnchor(location.hash.slice(1));
  if (name.startsWith('f-')) view?.open(name.slice(2));
  else if (name !== '') {
    const target = document.getElementById(name);
    if (target instanceof HTMLDetailsElement) {
      target.open = true;
      target.querySelector('summary')?.focus({ preventScroll: true });
    }
    target?.scrollIntoView({ block: 'start', behavior: 'instant' });
  }
}

function decodeAnchor(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

addEventListener('hashchange', goToAnchor);
// A link to where one is already changes nothing, and is followed all the same.
document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null;
  if (link !== null && link.getAttribute('href') === location.hash) goToAnchor();
});
goToAnchor();
// Once the page is loaded the browser itself goes to the anchor, and takes the focus away again.
if (location.hash !== '') addEventListener('load', () => setTimeout(goToAnchor));
