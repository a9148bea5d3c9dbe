/**
 * Where places stand. Depth goes to the right, breadth goes down, one row for each leaf at most; both are plain numbers, and
 * what a row is in pixels is the camera's affair.
 *
 * Two layouts: {@link tidy} for a tree that is whole, laid out once and then revealed; {@link Growing} for one that grows,
 * in which what stands above never moves.
 *
 * @module
 */

/** @import { Places } from './places.js' */

/**
 * @typedef {object} Layout
 * @property {Float32Array} row By item.
 * @property {number} rows How many there are; rows begin at 0.
 * @property {number} depth Of the deepest item.
 * @property {Uint8Array} shown By item: 0 below an item that is folded.
 */

const APART = 1.35;

/**
 * Reingold and Tilford's tidy tree ("Tidier Drawings of Trees", 1981), in linear time by threads along the contours. Items
 * come after their parents, so that one walk backwards meets children first and nothing recurses.
 *
 * @param {Places} places
 * @param {(item: number) => boolean} [folded] Items below which nothing is shown.
 * @returns {Layout}
 */
export function tidy(places, folded = () => false) {
  const count = places.length;
  const offset = new Float64Array(count); // from the parent
  const contours = new Contours(count, places, offset, folded);
  for (let item = count - 1; item >= 0; item--) {
    const below = folded(item) ? [] : places.children[item];
    if (below.length) contours.join(below);
  }
  return settle(places, offset, folded);
}

class Contours {
  /**
   * @param {number} count
   * @param {Places} places
   * @param {Float64Array} offset
   * @param {(item: number) => boolean} folded
   */
  constructor(count, places, offset, folded) {
    this.places = places;
    this.offset = offset;
    this.folded = folded;
    this.upper = { thread: new Int32Array(count).fill(-1), by: new Float64Array(count) };
    this.lower = { thread: new Int32Array(count).fill(-1), by: new Float64Array(count) };
  }

  /**
   * The next item along a contour, and how far it is from this one.
   *
   * @param {number} item
   * @param {boolean} lower Which of the two contours.
   * @returns {[number, number]} −1: the contour ends.
   */
  next(item, lower) {
    const below = this.places.children[item];
    if (below.length && !this.folded(item)) {
      const child = lower ? below[below.length - 1] : below[0];
      return [child, this.offset[child]];
    }
    const side = lower ? this.lower : this.upper;
    return [side.thread[item], side.by[item]];
  }

  /**
   * Puts the subtrees of an item below each other, as near as they come, with the item at the middle of them.
   *
   * @param {number[]} below
   */
  join(below) {
    const { offset } = this;
    offset[below[0]] = 0;
    for (let index = 1; index < below.length; index++) {
      offset[below[index]] = 0;
      this._place(below[0], below[index - 1], below[index]);
    }
    const middle = (offset[below[0]] + offset[below[below.length - 1]]) / 2;
    for (const child of below) offset[child] -= middle;
  }

  /**
   * @param {number} first Of the subtrees that stand already.
   * @param {number} last Of them.
   * @param {number} added
   */
  _place(first, last, added) {
    const { offset } = this;
    // Walks down four contours at once: of what stands, the upper and the lower one, and the same of what is added.
    let [standUpper, standLower, addUpper, addLower] = [first, last, added, added];
    let [atStandUpper, atStandLower, atAddUpper, atAddLower] = [offset[first], offset[last], 0, 0];
    let shift = atStandLower + 1;
    for (;;) {
      const [nextStandLower, byStandLower] = this.next(standLower, true);
      const [nextAddUpper, byAddUpper] = this.next(addUpper, false);
      const [nextStandUpper, byStandUpper] = this.next(standUpper, false);
      const [nextAddLower, byAddLower] = this.next(addLower, true);
      if (nextStandLower >= 0 && nextAddUpper >= 0) {
        [standLower, addUpper, standUpper, addLower] = [nextStandLower, nextAddUpper, nextStandUpper, nextAddLower];
        atStandLower += byStandLower;
        atAddUpper += byAddUpper;
        atStandUpper += byStandUpper;
        atAddLower += byAddLower;
        shift = Math.max(shift, atStandLower - atAddUpper + APART);
        continue;
      }
      if (nextStandLower >= 0) {
        this.lower.thread[addLower] = nextStandLower;
        this.lower.by[addLower] = atStandLower + byStandLower - (atAddLower + shift);
      } else if (nextAddUpper >= 0) {
        this.upper.thread[standUpper] = nextAddUpper;
        this.upper.by[standUpper] = atAddUpper + byAddUpper + shift - atStandUpper;
      }
      offset[added] = shift;
      return;
    }
  }
}

/**
 * @param {Places} places
 * @param {Float64Array} offset
 * @param {(item: number) => boolean} folded
 * @returns {Layout}
 */
function settle(places, offset, folded) {
  const row = new Float32Array(places.length);
  const shown = new Uint8Array(places.length);
  shown[0] = 1;
  let [least, most, depth] = [0, 0, 0];
  for (let item = 1; item < places.length; item++) {
    const parent = places.parent[item];
    row[item] = row[parent] + offset[item];
    shown[item] = shown[parent] && !folded(parent) ? 1 : 0;
    if (!shown[item]) continue;
    least = Math.min(least, row[item]);
    most = Math.max(most, row[item]);
    depth = Math.max(depth, places.depth[item]);
  }
  for (let item = 0; item < places.length; item++) row[item] -= least;
  return { row, rows: most - least + 1, depth, shown };
}

/**
 * A layout of a tree that grows. A subtree owns a block of rows with slack, its root in the first of them; growth within
 * the slack moves nothing, and when a block has to become larger, only what stands below it moves down. Slack is the root
 * of the number of leaves: on random trees it saves two moves in three and takes as much room again. A share of the block,
 * which saves more, adds up from level to level to a tree that is mostly air.
 */
export class Growing {
  constructor() {
    /** Rows of the block of each item. @type {number[]} */
    this._block = [];
  }

  /**
   * @param {Places} places
   * @returns {Layout}
   */
  place(places) {
    this._grow(places);
    const row = new Float32Array(places.length);
    let depth = 0;
    for (let item = 0; item < places.length; item++) {
      let next = row[item];
      depth = Math.max(depth, places.depth[item]);
      for (const child of places.children[item]) {
        row[child] = next;
        next += this._block[child];
      }
    }
    return { row, rows: this._block[0] ?? 1, depth, shown: new Uint8Array(places.length).fill(1) };
  }

  /** @param {Places} places */
  _grow(places) {
    const block = this._block;
    const inside = new Int32Array(places.length);
    const leaves = new Int32Array(places.length);
    for (let item = places.length - 1; item >= 0; item--) {
      leaves[item] ||= 1;
      if ((block[item] ?? 0) < Math.max(inside[item], leaves[item])) {
        block[item] = Math.max(inside[item], leaves[item]) + Math.floor(Math.sqrt(leaves[item]) - 0.5);
      }
      const parent = places.parent[item];
      if (parent < 0) continue;
      inside[parent] += block[item];
      leaves[parent] += leaves[item];
    }
  }
}
