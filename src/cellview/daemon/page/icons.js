/**
 * The marks of the canvas as small drawings for text: the legend and the panel show what the tree shows.
 *
 * @module
 */

import { BLOCKED, DEAD, DELAYED, SOLVED, STATE_NAMES } from './states.js';

const SVG = 'http://www.w3.org/2000/svg';

/** @param {number} state */
export function stateIcon(state) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', `cv-mark cv-mark-${STATE_NAMES[state].replaceAll(' ', '-')}`);
  const mark = document.createElementNS(SVG, 'path');
  mark.setAttribute('d', outlineOf(state));
  svg.append(mark);
  return svg;
}

/** @param {number} state */
function outlineOf(state) {
  switch (state) {
    case BLOCKED:
      return 'M3 3h10v10H3z';
    case DELAYED:
      return 'M2.5 13 8 2.5 13.5 13z';
    case SOLVED:
      return 'M8 1.5 14.5 8 8 14.5 1.5 8z';
    case DEAD:
      return 'M3.5 3.5l9 9m0-9l-9 9';
    default:
      return 'M8 3a5 5 0 1 0 0 10a5 5 0 1 0 0-10z';
  }
}

/** A goal with the ring of those that are worked on. */
export function flightIcon() {
  const svg = stateIcon(1);
  const ring = document.createElementNS(SVG, 'circle');
  for (const [name, value] of [['cx', '8'], ['cy', '8'], ['r', '6.8'], ['class', 'cv-ring']]) ring.setAttribute(name, value);
  svg.append(ring);
  return svg;
}
