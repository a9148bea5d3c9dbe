/**
 * What shapes and colours mean.
 *
 * @module
 */

import { make } from './dom.js';
import { flightIcon, stateIcon } from './icons.js';
import { BLOCKED, DEAD, DELAYED, FRESH, OPEN, SOLVED, STATE_NAMES } from './states.js';
import { REASONS } from './trace.js';

/** @import { Search } from './search.js' */

/** Names of colours, with the reasons that have them. */
const REASON_WORDS = /** @type {[string, string, string[]][]} */ ([
  ['expanded', 'expanded', ['expanded']],
  ['idle', 'nothing new', ['no_expansion', 'no_goal']],
  ['blocked', 'blocked', ['blocked']],
  ['delayed', 'delayed', ['delayed']],
  ['solved', 'solved already', ['terminal_node']],
  ['dead', 'dead already', ['dead_node']],
  ['error', 'failed', ['adapter_error', 'provider_error']],
  ['abort', 'aborted', ['abort']],
]);

/** Of the tree. */
export function goalLegend() {
  const states = [FRESH, OPEN, DELAYED, BLOCKED, SOLVED, DEAD].map((state) => make('li', {}, [stateIcon(state), STATE_NAMES[state]]));
  states.splice(2, 0, make('li', {}, [flightIcon(), 'worked on']));
  return make('ul', { class: 'cv-legend', 'aria-label': 'What a goal’s mark means' }, states);
}

/**
 * Of the ribbon; what none of the searches has is left out.
 *
 * @param {Search[]} searches
 */
export function reasonLegend(searches) {
  const there = new Set(searches.flatMap((search) => [...search.reasons].map((reason) => REASONS[reason])));
  const words = REASON_WORDS.filter(([, , reasons]) => reasons.some((reason) => there.has(reason)));
  return words.map(([colour, word]) => make('li', {}, [make('i', { class: `cv-swatch cv-swatch-${colour}` }), word]));
}
