/**
 * The next iteration at which something happens: a goal is solved, one was blocked, an agent was rerouted.
 *
 * @module
 */

import { REROUTED, TERMINAL } from './search.js';
import { REASONS } from './trace.js';

/** @import { Search } from './search.js' */

const BLOCKED = REASONS.indexOf('blocked');
const DELAYED = REASONS.indexOf('delayed');

/** @typedef {'solve' | 'block' | 'reroute'} Happening */

/** @type {Record<Happening, (search: Search, row: number) => boolean>} */
const HAPPENED = {
  solve: (search, row) => (search.flags.at(row) & TERMINAL) !== 0,
  block: (search, row) => search.reason.at(row) === BLOCKED || search.reason.at(row) === DELAYED || search.skipped.has(row),
  reroute: (search, row) => (search.flags.at(row) & REROUTED) !== 0,
};

/**
 * The nearest iteration after (or before) one at which something happened, in any of the searches.
 *
 * @param {Search[]} searches
 * @param {Happening} what
 * @param {number} iteration
 * @param {1 | -1} direction
 * @returns {number} −1: it does not happen any more.
 */
export function nextOf(searches, what, iteration, direction = 1) {
  const found = searches.map((search) => nextIn(search, HAPPENED[what], iteration, direction)).filter((at) => at >= 0);
  if (!found.length) return -1;
  return direction > 0 ? Math.min(...found) : Math.max(...found);
}

/**
 * @param {Search} search
 * @param {(search: Search, row: number) => boolean} happened
 * @param {number} iteration
 * @param {1 | -1} direction
 */
function nextIn(search, happened, iteration, direction) {
  const here = search.rowAt(iteration);
  const stands = here >= 0 && search.iteration.at(here) === iteration;
  for (let row = direction > 0 ? here + 1 : stands ? here - 1 : here; row >= 0 && row < search.length; row += direction) {
    if (happened(search, row)) return search.iteration.at(row);
  }
  return -1;
}

/**
 * The first parting of the arms, and from there on the next iteration at which they do different things.
 *
 * @param {Search[]} searches
 * @param {number} parting −1: they do not part.
 * @param {number} iteration
 * @returns {number} −1: there is none.
 */
export function nextDifference(searches, parting, iteration) {
  if (parting < 0 || iteration < parting) return parting;
  const last = Math.max(...searches.map((search) => search.last));
  for (let at = iteration + 1; at <= last; at++) {
    if (new Set(searches.map((search) => deed(search, at))).size > 1) return at;
  }
  return -1;
}

/** @param {Search} search @param {number} iteration */
function deed(search, iteration) {
  if (iteration > search.last) return '';
  const row = search.rowAt(iteration);
  return `${search.item.at(search.node.at(row))} ${search.reason.at(row)}`;
}
