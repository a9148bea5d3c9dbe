/**
 * A typed array that grows: what an iteration leaves behind is a few numbers, and a trace has a hundred thousand of them.
 *
 * @module
 */

/** @typedef {Uint8Array | Uint16Array | Int32Array | Float64Array} Cells */

/** @template {Cells} T */
export class Column {
  /** @param {new (length: number) => T} type Of the cells. */
  constructor(type) {
    this.type = type;
    /** @type {T} Its first `length` cells are in use. */
    this.data = new type(64);
    this.length = 0;
  }

  /** @param {number} value */
  push(value) {
    if (this.length === this.data.length) {
      const larger = new this.type(this.length * 2);
      larger.set(this.data);
      this.data = larger;
    }
    this.data[this.length++] = value;
  }

  /**
   * @param {number} index
   * @returns {number}
   */
  at(index) {
    return this.data[index];
  }
}

/**
 * Where in ascending cells the last one stands that is not above a value; −1: all are above it.
 *
 * @param {ArrayLike<number>} cells
 * @param {number} length How many of the cells are in use.
 * @param {number} value
 * @returns {number}
 */
export function lastNotAbove(cells, length, value) {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cells[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
