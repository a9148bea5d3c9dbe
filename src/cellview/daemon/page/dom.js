/**
 * Elements made of data. Text stays text: nothing is ever parsed as HTML, so a tactic that looks like a tag is shown, not
 * obeyed.
 *
 * @module
 */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | boolean | undefined>} [attributes] `true`: there, without a value; `false`: not there.
 * @param {(Node | string)[]} [children]
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, attributes = {}, children = []) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children);
  return element;
}

/**
 * A button that is told what to do.
 *
 * @param {string} text
 * @param {() => void} onClick
 * @param {Record<string, string | boolean | undefined>} [attributes]
 */
export function button(text, onClick, attributes = {}) {
  const element = make('button', { type: 'button', ...attributes }, [text]);
  element.addEventListener('click', onClick);
  return element;
}

/**
 * A drawing of lines, as an icon.
 *
 * @param {string} path Of SVG, in a box of 16 by 16.
 */
export function icon(path) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

/** Whether whoever looks at it wants nothing to move. */
export function prefersStillness() {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
