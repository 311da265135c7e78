/** The colours that canvases draw with: the page's own, as the theme has them now. */
export interface LaneColours {
  readonly paper: string;
  readonly card: string;
  readonly sunken: string;
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly edge: string;
  readonly accent: string;
  readonly accentSoft: string;
  /** Between the two. */
  readonly accentMiddle: string;
  readonly error: string;
  readonly warning: string;
  readonly warningSoft: string;
  readonly note: string;
  readonly mono: string;
  readonly sans: string;
}

/** Read them from the page. */
export function laneColours(): LaneColours {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    paper: of('paper'),
    card: of('card'),
    sunken: of('sunken'),
    ink: of('ink'),
    soft: of('soft'),
    line: of('line'),
    edge: of('edge'),
    accent: of('accent'),
    accentSoft: of('accent-soft'),
    accentMiddle: `color-mix(in srgb, ${of('accent')} 58%, ${of('accent-soft')})`,
    error: of('error'),
    warning: of('warning'),
    warningSoft: of('warning-soft'),
    note: of('note'),
    mono: of('mono'),
    sans: of('sans'),
  };
}

/** Call back whenever the theme changes. */
export function onThemeChange(changed: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  new MutationObserver(changed).observe(document.documentElement, { attributeFilter: ['data-theme'] });
}
