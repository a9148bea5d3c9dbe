/**
 * The viewer of searches: the tree, time, and what was tried; of one search or of up to four arms of one theorem.
 *
 * It needs no server, and asks none. Whoever embeds it (the daemon's page, the report that is one file, a notebook) does this:
 *
 *     import { mount } from './viewer.js';
 *     const viewer = mount(element, { traces: [{ label: 'wild_type', text }] });
 *
 * - `text` is a trace as the reference page "The trace" has it, as a string or as bytes (`Uint8Array`, UTF-8).
 * - `viewer.css` has to be in the page. Nothing is put into it from here: no style element, no inline style.
 * - Every import in this folder stands on lines of its own and ends in `from './name.js';`. Modules lie in one flat folder
 *   and import each other in no circle. So a page without a server can rewrite these names to those of an import map of
 *   `data:` URLs, in any order, and each module is still there once.
 *
 * @module
 */

import { View } from './view.js';

/**
 * @typedef {object} Options
 * @property {{label: string, text?: string | Uint8Array, finished?: boolean}[]} traces One to four, of one theorem.
 *   `finished` is false for a search that still runs; what follows comes by `append`, and its end by `finish`.
 * @property {number} [at] The iteration to begin at; else the last one.
 * @property {string} [goal] Name of the goal to choose, from a link.
 * @property {boolean} [live] Whether to follow a search that runs from the beginning.
 * @property {(where: {iteration: number, goal: string | null, live: boolean}) => void} [onMove] Told where one is.
 */

/**
 * @typedef {object} Viewer
 * @property {(iteration: number) => void} seek Go to an iteration, which leaves *live*.
 * @property {(goal: string | null) => void} choose Choose a goal by its name in links.
 * @property {(trace: number, data: string | Uint8Array) => void} append What follows of a trace.
 * @property {(trace: number) => number} lastOf The last iteration that has come of a trace; −1: none.
 * @property {(trace: number) => void} finish Nothing follows any more: the tree is laid out for good.
 * @property {() => void} fit Show the whole tree.
 * @property {() => {iteration: number, last: number, goal: string | null, live: boolean, parting: number}} where
 * @property {() => Promise<number>} drawn Resolves with what drawing took, in milliseconds, after the next frame.
 * @property {() => void} destroy Take it out of the page.
 */

/**
 * Puts a viewer into an element.
 *
 * @param {HTMLElement} element It is emptied.
 * @param {Options} options
 * @returns {Viewer}
 * @throws {TraceError} A line is no record of a trace.
 */
export function mount(element, options) {
  if (options.traces.length < 1 || options.traces.length > 4) throw new RangeError('A viewer shows one to four traces.');
  const view = new View(element, options);
  return {
    seek: (iteration) => view.seek(iteration),
    choose: (goal) => view.choose(goal === null ? -1 : view.places.find(goal)),
    append: (trace, data) => view.append(trace, data),
    lastOf: (trace) => view.searches[trace].last,
    finish: (trace) => view.finish(trace),
    fit: () => view.fit(),
    where: () => view.where(),
    drawn: () => view.drawn(),
    destroy: () => view.destroy(),
  };
}
