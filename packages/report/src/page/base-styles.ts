/**
 * The look that all pages share: tokens for colours, type and spacing in light and dark, and the plain elements. The
 * theme follows the system unless `data-theme` on the root says otherwise. Text has at least 4.5:1 against what it
 * stands on, marks at least 3:1. No page sets colours outside of these tokens; `--picture` is the filter that turns a
 * picture drawn for white paper into one for the dark.
 */
export const BASE_STYLES = `
:root {
  color-scheme: light;
  --paper: #fbfaf8; --card: #ffffff; --sunken: #f3f1ed; --hover: #ece9e3;
  --ink: #1c1e21; --soft: #555a61; --line: #e2dfd8; --edge: #b9b4aa;
  --accent: #0b5a8f; --accent-soft: #e3eff7; --on-accent: #ffffff;
  --error: #b3261e; --error-soft: #fbe9e7; --warning: #8a5300; --warning-soft: #fbf0dc;
  --note: #3c5a78; --note-soft: #e9eff5; --good: #1d6b3c; --good-soft: #e5f3ea;
  --shade: rgb(30 25 15 / 0.07); --picture: none;
  --sans: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', sans-serif;
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace;
  --text-s: 0.8125rem; --text-m: 0.9375rem; --text-l: 1.125rem; --text-xl: 1.375rem; --text-xxl: clamp(1.5rem, 1.15rem + 1.6vw, 2.125rem);
  --gap-xs: 0.25rem; --gap-s: 0.5rem; --gap-m: 1rem; --gap-l: 1.75rem; --gap-xl: 3rem;
  --round: 8px;
}
@media (prefers-color-scheme: dark) {
  :root:not([data-theme='light']) {
    color-scheme: dark;
    --paper: #131517; --card: #1b1e21; --sunken: #101214; --hover: #262a2e;
    --ink: #e6e4df; --soft: #a4a8ad; --line: #2c3034; --edge: #565c63;
    --accent: #7fc0ee; --accent-soft: #182b3a; --on-accent: #0d1a24;
    --error: #ff9a8f; --error-soft: #3a1c1a; --warning: #f0b95c; --warning-soft: #33260f;
    --note: #a9c4de; --note-soft: #1d2833; --good: #7fd0a0; --good-soft: #15291d;
    --shade: rgb(0 0 0 / 0.4); --picture: invert(0.9) hue-rotate(180deg);
  }
}
:root[data-theme='dark'] {
  color-scheme: dark;
  --paper: #131517; --card: #1b1e21; --sunken: #101214; --hover: #262a2e;
  --ink: #e6e4df; --soft: #a4a8ad; --line: #2c3034; --edge: #565c63;
  --accent: #7fc0ee; --accent-soft: #182b3a; --on-accent: #0d1a24;
  --error: #ff9a8f; --error-soft: #3a1c1a; --warning: #f0b95c; --warning-soft: #33260f;
  --note: #a9c4de; --note-soft: #1d2833; --good: #7fd0a0; --good-soft: #15291d;
  --shade: rgb(0 0 0 / 0.4); --picture: invert(0.9) hue-rotate(180deg);
}
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0; min-width: 320px; background: var(--paper); color: var(--ink);
  font: var(--text-m)/1.55 var(--sans); overflow-wrap: anywhere; font-variant-numeric: tabular-nums;
}
h1, h2, h3, h4 { margin: 0; line-height: 1.25; font-weight: 650; text-wrap: balance; }
h1 { font-size: var(--text-xxl); letter-spacing: -0.015em; }
h2 { font-size: var(--text-xl); letter-spacing: -0.01em; }
h3 { font-size: var(--text-l); }
h4 { font-size: var(--text-m); }
p, ul, ol, dl, figure, pre { margin: 0; }
p, li, dd { text-wrap: pretty; }
a { color: var(--accent); text-underline-offset: 0.15em; text-decoration-thickness: 0.06em; }
code, pre, .mono { font-family: var(--mono); font-size: 0.92em; }
pre { overflow-x: auto; padding: var(--gap-m); background: var(--sunken); border: 1px solid var(--line); border-radius: var(--round); line-height: 1.5; }
small, .small { font-size: var(--text-s); }
.soft { color: var(--soft); }
button, input, select { font: inherit; color: inherit; }
button, select, input[type='search'], input[type='text'] {
  min-height: 2.25rem; padding: 0.3rem 0.75rem; background: var(--card); border: 1px solid var(--edge); border-radius: var(--round);
}
button { cursor: pointer; }
button:hover:not(:disabled) { background: var(--hover); }
button:disabled { color: var(--soft); border-color: var(--line); cursor: default; }
button[aria-pressed='true'], button[aria-pressed='true']:hover:not(:disabled) { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
summary { cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding: 0 0 var(--gap-s); }
th, td { overflow-wrap: break-word; max-width: 60ch; padding: 0.4rem 0.75rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-size: var(--text-s); font-weight: 600; vertical-align: bottom; white-space: nowrap; overflow-wrap: normal; }
tbody th { font-weight: 500; }
.number { text-align: right; white-space: nowrap; }
.scroll { overflow-x: auto; overscroll-behavior-x: contain; }
.visually-hidden {
  position: absolute; width: 1px; height: 1px; margin: -1px; padding: 0; border: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
.skip { position: absolute; left: var(--gap-m); top: -4rem; padding: var(--gap-s) var(--gap-m); background: var(--card); border: 1px solid var(--edge); border-radius: var(--round); z-index: 10; }
.skip:focus { top: var(--gap-s); }
.severity { display: inline-flex; align-items: center; gap: 0.35em; padding: 0.05rem 0.5rem; border-radius: 999px; font-size: var(--text-s); font-weight: 600; white-space: nowrap; }
.severity-error { background: var(--error-soft); color: var(--error); }
.severity-warning { background: var(--warning-soft); color: var(--warning); }
.severity-note { background: var(--note-soft); color: var(--note); }
.severity-none { background: var(--sunken); color: var(--soft); }
.severity-good { background: var(--good-soft); color: var(--good); }
.theme { display: inline-flex; gap: 2px; padding: 2px; border: 1px solid var(--line); border-radius: 999px; background: var(--card); }
.theme button { min-height: 1.75rem; padding: 0 0.7rem; border: 0; border-radius: 999px; background: none; font-size: var(--text-s); color: var(--soft); }
.theme button[aria-pressed='true'], .theme button[aria-pressed='true']:hover:not(:disabled) { background: var(--hover); color: var(--ink); }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media (prefers-reduced-motion: reduce) { *, ::before, ::after { animation: none !important; transition: none !important; } }
@media (forced-colors: active) { .severity { border: 1px solid; } button[aria-pressed='true'] { outline: 2px solid Highlight; outline-offset: -2px; } }
@media print {
  :root, :root[data-theme='dark'], :root:not([data-theme='light']) {
    color-scheme: light;
    --paper: #fff; --card: #fff; --sunken: #fff; --hover: #fff; --ink: #000; --soft: #333; --line: #bbb; --edge: #888;
    --accent: #000; --accent-soft: #fff; --on-accent: #fff; --shade: transparent; --picture: none;
    --error: #000; --error-soft: #fff; --warning: #000; --warning-soft: #fff; --note: #000; --note-soft: #fff; --good: #000; --good-soft: #fff;
  }
  body { font-size: 9.5pt; }
  .no-print, .theme, .skip { display: none !important; }
  .severity { border: 1px solid; }
  .scroll, pre { overflow: visible; white-space: pre-wrap; }
  tr, li, figure, h2, h3, h4 { break-inside: avoid; }
  h2, h3, h4 { break-after: avoid; }
}
`;
