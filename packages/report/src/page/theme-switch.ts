import { type Html, html } from './html.ts';

/** The three states of a page's theme. A program of the page makes the buttons work, and remembers nothing. */
export const themeSwitch =
  (): Html => html`<div class="theme" role="group" aria-label="Colours" data-theme-switch hidden>
<button type="button" data-theme-choice="system" aria-pressed="true">System</button>
<button type="button" data-theme-choice="light" aria-pressed="false">Light</button>
<button type="button" data-theme-choice="dark" aria-pressed="false">Dark</button>
</div>`;
