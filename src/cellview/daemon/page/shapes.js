/**
 * A goal's mark: its shape alone says its state, so does its colour alone.
 *
 * @module
 */

import { BLOCKED, DEAD, DELAYED, FRESH, OPEN, SOLVED } from './states.js';

/** @import { Palette } from './palette.js' */

/**
 * Draws marks of one state together: `begin`, `add` for each, `end`.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number} state
 * @param {Palette} palette
 * @param {number} size Radius in pixels.
 * @param {'begin' | 'add' | 'end'} what
 * @param {number} [x]
 * @param {number} [y]
 */
export function drawShape(context, state, palette, size, what, x = 0, y = 0) {
  if (what === 'begin') context.beginPath();
  else if (what === 'add') trace(context, state, size, x, y);
  else finish(context, state, palette, size);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} state
 * @param {number} size
 * @param {number} x
 * @param {number} y
 */
function trace(context, state, size, x, y) {
  switch (state) {
    case BLOCKED:
      context.rect(x - size * 0.9, y - size * 0.9, size * 1.8, size * 1.8);
      return;
    case DELAYED:
      context.moveTo(x - size, y + size * 0.85);
      context.lineTo(x, y - size);
      context.lineTo(x + size, y + size * 0.85);
      context.closePath();
      return;
    case SOLVED:
      context.moveTo(x, y - size * 1.25);
      context.lineTo(x + size * 1.25, y);
      context.lineTo(x, y + size * 1.25);
      context.lineTo(x - size * 1.25, y);
      context.closePath();
      return;
    case DEAD: {
      const arm = size * 0.75;
      context.moveTo(x - arm, y - arm);
      context.lineTo(x + arm, y + arm);
      context.moveTo(x + arm, y - arm);
      context.lineTo(x - arm, y + arm);
      return;
    }
    default:
      context.moveTo(x + size * 0.9, y);
      context.arc(x, y, size * 0.9, 0, 2 * Math.PI);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} state
 * @param {Palette} palette
 * @param {number} size
 */
function finish(context, state, palette, size) {
  if (state === DEAD) {
    // On dots, which are rectangles, a cross would be nothing.
    context.strokeStyle = palette.dead;
    context.lineWidth = Math.max(1, size * 0.38);
    context.stroke();
    return;
  }
  context.fillStyle = colourOf(state, palette);
  context.fill();
  if (state === SOLVED || state === OPEN || size < 2) return;
  context.strokeStyle = state === FRESH ? palette.open : palette.ink;
  context.lineWidth = state === FRESH ? 1.5 : 1;
  context.stroke();
}

/**
 * @param {number} state
 * @param {Palette} palette
 * @returns {string}
 */
export function colourOf(state, palette) {
  return [palette.paper, palette.open, palette.delayed, palette.blocked, palette.solved, palette.dead][state];
}
