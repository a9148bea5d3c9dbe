/**
 * Colours of the canvases. They are Okabe and Ito's ("Color Universal Design", 2008), and stand in viewer.css, where light
 * and dark are told apart; a canvas has to be told them.
 *
 * @module
 */

const NAMES = /** @type {const} */ ([
  'paper', 'ink', 'muted', 'line', 'faint', 'open', 'delayed', 'blocked', 'solved', 'dead', 'agent', 'agent-ink', 'flight',
  'differs', 'error', 'idle', 'abort', 'expanded',
]);

/** @typedef {Record<typeof NAMES[number], string>} Palette */

/**
 * @param {Element} element In which the stylesheet holds.
 * @returns {Palette}
 */
export function paletteOf(element) {
  const style = getComputedStyle(element);
  return /** @type {Palette} */ (Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--cv-${name}`).trim()])));
}

/**
 * What colour an iteration has, by its reason's place in the list of reasons.
 *
 * @param {Palette} palette
 * @returns {string[]}
 */
export function reasonColours(palette) {
  const { expanded, idle, blocked, delayed, solved, dead, error, abort } = palette;
  return [expanded, idle, blocked, delayed, solved, dead, idle, abort, error, error];
}
