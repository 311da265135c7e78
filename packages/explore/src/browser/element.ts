/** What an element can hold; texts become text, never markup. */
export type Child = Node | string | number | null | undefined | false;

/** Attributes by name; `true` is an attribute without a value, `false`, null and undefined are none. */
export type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** An HTML element. Handlers are added to it afterwards: an attribute cannot have one. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(tag), attributes, children);
}

/** An SVG element; looks are presentation attributes or classes, since the page's policy refuses style attributes. */
export function svgElement<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function filled<E extends Element>(made: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'style' || name.startsWith('on')) throw new TypeError(`The page's policy refuses ${name}.`);
    if (value !== null && value !== undefined && value !== false)
      made.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children)
    if (child !== null && child !== undefined && child !== false)
      made.append(typeof child === 'number' ? String(child) : child);
  return made;
}

/**
 * The data that a page brings.
 *
 * @throws {Error} when the page has none of that name
 */
export function pageData(id: string): unknown {
  const text = document.getElementById(id)?.textContent;
  if (text === undefined || text === null) throw new Error(`This page has no data named ${id}.`);
  return JSON.parse(text);
}
