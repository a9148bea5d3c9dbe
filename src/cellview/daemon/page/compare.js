/**
 * Arms of one theorem beside each other: where they are alike, and where they part.
 *
 * @module
 */

import { ABSENT } from './states.js';

/** @import { Search } from './search.js' */

/**
 * The first iteration at which two of the searches did something else: another agent, goal, reason, or tactics that worked;
 * or that one of them has no more, since it had ended.
 *
 * @param {Search[]} searches On the same places.
 * @returns {number} −1: they are alike as far as they all go.
 */
export function firstParting(searches) {
  const [first, ...others] = searches;
  if (!others.length) return -1;
  const common = Math.min(...searches.map((search) => search.length));
  for (let row = 0; row < common; row++) {
    const expected = whatHappened(first, row);
    if (others.some((search) => whatHappened(search, row) !== expected)) return first.iteration.at(row);
  }
  const further = searches.find((search) => search.length > common);
  const ended = searches.some((search) => search.length === common && search.finished);
  return further && ended ? further.iteration.at(common) : -1;
}

/** @param {Search} search @param {number} row */
function whatHappened(search, row) {
  const node = search.node.at(row);
  const time = search.iteration.at(row);
  const worked = search.edges[node].filter((edge) => search.edgeBorn.at(edge) === time).map((edge) => search.edgeItem.at(edge));
  return [time, search.agent.at(row), search.item.at(node), search.reason.at(row), search.tier.at(row), ...worked].join(' ');
}

/**
 * Whether a place is another in one of the searches than in the rest of them. Of a subtree that an arm does not have, only
 * the top differs: the rest follows.
 *
 * @param {Search[]} searches
 * @param {number} item
 * @param {number} iteration
 */
export function differsAt(searches, item, iteration) {
  let known = -1;
  for (const search of searches) {
    const now = Math.min(iteration, search.last);
    const state = stateOf(search, item, now);
    if (state === ABSENT && item > 0 && stateOf(search, goalAbove(search, item), now) === ABSENT) return false;
    if (known < 0) known = state;
    else if (state !== known) return true;
  }
  return false;
}

/** @param {Search} search @param {number} item @param {number} iteration */
function stateOf(search, item, iteration) {
  const node = search.nodeOf(item);
  return node < 0 ? ABSENT : search.stateAt(node, iteration);
}

/** @param {Search} search @param {number} item */
function goalAbove({ places }, item) {
  return places.parent[places.parent[item]];
}
