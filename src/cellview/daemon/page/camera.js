/**
 * What of the plane is seen. Depth and breadth have scales of their own: a tree of some thousand goals is a hundred times
 * as long as it is deep, and with one scale for both it would be a hair's breadth on any screen. Marks and letters have the
 * size of the screen, so nothing looks squeezed.
 *
 * @module
 */

/** @import { Layout } from './layout.js' */

/** Pixels from a goal to its subgoals, and from row to row, when nothing is scaled. */
export const PITCH = 212;
export const ROW = 38;
/** Where between a goal and its subgoals the tactic's bar stands; its name needs the room before it. */
const BAR = 0.74;
const MOST = 1.5;
const LEAST_X = 0.09;
const LEAST_Y = 1e-4;
const MARGIN = 40;
/** For the caption and agents at the first row, and for the legend. */
const ABOVE = 14;
const BELOW = 24;

/** @param {number} depth Even for goals, odd for tactics. @returns {number} Pixels from the root. */
export function planeX(depth) {
  return depth % 2 ? ((depth - 1) / 2 + BAR) * PITCH : (depth / 2) * PITCH;
}

export class Camera {
  constructor() {
    /** Of the depths. */
    this.scaleX = 1;
    /** Of the rows. */
    this.scaleY = 1;
    /** Where the root's column and the first row are, in pixels. */
    this.x = MARGIN;
    this.y = MARGIN;
    this.width = 1;
    this.height = 1;
  }

  /** @param {number} depth */
  screenX(depth) {
    return planeX(depth) * this.scaleX + this.x;
  }

  /** @param {number} row */
  screenY(row) {
    return row * ROW * this.scaleY + this.y;
  }

  /** @param {number} y @returns {number} The row at a pixel. */
  rowAt(y) {
    return (y - this.y) / (ROW * this.scaleY);
  }

  /** @param {number} width @param {number} height */
  resize(width, height) {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
  }

  /** @param {number} dx @param {number} dy In pixels. */
  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
  }

  /**
   * Scales both ways about a pixel, which stays where it is.
   *
   * @param {number} factor
   * @param {number} x
   * @param {number} y
   */
  zoom(factor, x, y) {
    const planeAtX = (x - this.x) / this.scaleX;
    const planeAtY = (y - this.y) / this.scaleY;
    this.scaleX = clamp(this.scaleX * factor, LEAST_X, MOST);
    this.scaleY = clamp(this.scaleY * factor, LEAST_Y, MOST);
    this.x = x - planeAtX * this.scaleX;
    this.y = y - planeAtY * this.scaleY;
  }

  /**
   * Shows the whole plane, no larger than life.
   *
   * @param {Layout} layout
   */
  fit(layout) {
    const room = Math.min(MARGIN, this.width / 12);
    const label = Math.min(90, this.width / 5);
    this.scaleX = clamp((this.width - 2 * room - label) / Math.max(PITCH, planeX(layout.depth)), LEAST_X, 1);
    const rows = Math.max(1, layout.rows - 1) * ROW;
    const top = room + Math.min(ABOVE, this.height / 24);
    const high = this.height - top - room - Math.min(BELOW, this.height / 12);
    this.scaleY = clamp(high / rows, LEAST_Y, 1);
    this.x = room;
    this.y = top + Math.max(0, high - (layout.rows - 1) * ROW * this.scaleY) / 2;
  }

  /**
   * Moves a place into view, and no further than that.
   *
   * @param {number} depth
   * @param {number} row
   */
  reveal(depth, row) {
    const [x, y] = [this.screenX(depth), this.screenY(row)];
    const [nearX, nearY] = [Math.min(140, this.width / 4), Math.min(90, this.height / 4)];
    this.x += clamp(x, nearX, this.width - nearX) - x;
    this.y += clamp(y, nearY, this.height - nearY) - y;
  }
}

/**
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
export function clamp(value, least, most) {
  return Math.min(Math.max(value, least), Math.max(least, most));
}
