/**
 * What a goal can be at an iteration, and how each is told apart: by shape and by colour, each of which is enough alone.
 *
 * @module
 */

/** Open and never tried. */
export const FRESH = 0;
/** Open, and tried at least once. */
export const OPEN = 1;
export const DELAYED = 2;
export const BLOCKED = 3;
export const SOLVED = 4;
export const DEAD = 5;
/** Not there yet. */
export const ABSENT = 6;

/** In the order of the numbers above. */
export const STATE_NAMES = Object.freeze(['not tried yet', 'open', 'delayed', 'blocked', 'solved', 'dead', 'not there yet']);
