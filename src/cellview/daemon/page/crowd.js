/**
 * What is drawn of things that share a pixel.
 *
 * @module
 */

/** Where many rows share a pixel: of what looks alike and falls into the same one, the first is drawn for all. */
export class Crowd {
  /** @param {number} depth @param {number} height */
  constructor(depth, height) {
    this.height = Math.ceil(height) + 80;
    this.seen = new Uint16Array((depth + 1) * this.height);
  }

  /**
   * @param {number} depth
   * @param {number} y
   * @param {number} kind
   */
  isNew(depth, y, kind) {
    const place = depth * this.height + Math.min(this.height - 1, Math.max(0, Math.round(y) + 40));
    const bit = 1 << kind;
    if (this.seen[place] & bit) return false;
    this.seen[place] |= bit;
    return true;
  }
}
