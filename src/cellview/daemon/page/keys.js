/**
 * Keys of the viewer, while the focus is in it.
 *
 * @module
 */

/** @import { Happening } from './seek.js' */

/**
 * @typedef {object} Steered What keys can do.
 * @property {number} iteration
 * @property {number} last
 * @property {number} chosen
 * @property {boolean} live
 * @property {(iteration: number) => void} seek
 * @property {(what: Happening | 'difference') => void} next
 * @property {() => void} play
 * @property {(live: boolean) => void} setLive
 * @property {() => void} fit
 * @property {(factor: number) => void} zoom
 * @property {() => void} foldDead
 * @property {(item: number) => void} choose
 * @property {(agent: number) => void} watch
 */

/**
 * What a key does; nothing in a field that one types into, and nothing that the focused element does itself.
 *
 * @param {KeyboardEvent} event
 * @param {Steered} view
 * @returns {(() => void) | null}
 */
export function keyOf(event, view) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const target = /** @type {HTMLElement} */ (event.target);
  const slides = target instanceof HTMLInputElement && target.type === 'range';
  if ((target instanceof HTMLInputElement && !slides) || target instanceof HTMLSelectElement) return null;
  if (event.key === ' ' && target instanceof HTMLButtonElement) return null;
  /** @type {Record<string, () => void>} */
  const always = {
    ',': () => view.seek(view.iteration - 1),
    '.': () => view.seek(view.iteration + 1),
    ' ': () => view.play(),
    s: () => view.next('solve'),
    b: () => view.next('block'),
    r: () => view.next('reroute'),
    d: () => view.next('difference'),
    l: () => view.setLive(!view.live),
    f: () => view.fit(),
    '+': () => view.zoom(1.4),
    '-': () => view.zoom(1 / 1.4),
    x: () => view.foldDead(),
    Escape: () => view.choose(-1),
  };
  /** @type {Record<string, () => void>} */
  const elsewhere = {
    ArrowLeft: () => view.seek(view.iteration - 1),
    ArrowRight: () => view.seek(view.iteration + 1),
    Home: () => view.seek(0),
    End: () => view.seek(view.last),
  };
  if (/^\d$/.test(event.key)) return () => view.watch(Number(event.key));
  return always[event.key] ?? (slides ? null : (elsewhere[event.key] ?? null));
}
