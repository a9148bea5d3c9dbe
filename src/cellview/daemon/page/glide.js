/**
 * From one layout to the next: what stands stays under the eye, what has to make room moves there, and what is new comes
 * out of the goal that it belongs to.
 *
 * @module
 */

/** @import { Layout } from './layout.js' */
/** @import { Places } from './places.js' */

const LASTS_MS = 260;

export class Glide {
  constructor() {
    /** What is drawn. @type {Layout} */
    this.layout = { row: new Float32Array(1), rows: 1, depth: 0, shown: new Uint8Array([1]) };
    /** @type {Float32Array | null} */
    this._from = null;
    this._to = this.layout;
    this._began = 0;
  }

  /** Where everything is on its way to. */
  get target() {
    return this._to;
  }

  /**
   * @param {Layout} to
   * @param {Places} places
   * @param {number} now In milliseconds; −1: be there at once.
   */
  aim(to, places, now) {
    if (now < 0) {
      this._from = null;
      this._to = this.layout = to;
      return;
    }
    const from = new Float32Array(to.row.length);
    from.set(this.layout.row.subarray(0, from.length));
    for (let item = this.layout.row.length; item < from.length; item++) from[item] = from[places.parent[item]];
    this._from = from;
    this._to = to;
    this._began = now;
    this.layout = { ...to, row: from.slice() };
  }

  /**
   * @param {number} now
   * @returns {boolean} Whether it is still under way.
   */
  step(now) {
    if (!this._from) return false;
    const part = Math.min(1, Math.max(0, (now - this._began) / LASTS_MS));
    if (part >= 1) {
      this._from = null;
      this.layout = this._to;
      return false;
    }
    const eased = 1 - (1 - part) ** 3;
    const { row } = this.layout;
    for (let item = 0; item < row.length; item++) row[item] = this._from[item] + (this._to.row[item] - this._from[item]) * eased;
    return true;
  }
}
