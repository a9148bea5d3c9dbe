/**
 * The places that searches of one theorem can reach, by structural key: the tactics and child numbers on the way there.
 *
 * Arms of a theorem share these places, so that a goal stands where it stands in all of them. A goal and a tactic are both
 * items of one list, and an item comes after its parent: whoever walks the list backwards meets children first.
 *
 * @module
 */

export class Places {
  constructor() {
    /** Item above; −1 for the root. @type {number[]} */
    this.parent = [-1];
    /** Items below, in order. @type {number[][]} */
    this.children = [[]];
    /** Goals have even depths, tactics odd ones. @type {number[]} */
    this.depth = [0];
    /** The tactic's text, or '' for a goal. @type {string[]} */
    this.tactic = [''];
    /** @type {Map<string, number>} */
    this._tactics = new Map();
  }

  get length() {
    return this.parent.length;
  }

  /**
   * The item of a tactic at a goal; made when it is new.
   *
   * @param {number} goal
   * @param {string} tactic
   * @param {number} again How many edges with the same text stand before it there.
   * @returns {number}
   */
  tacticAt(goal, tactic, again = 0) {
    const key = `${goal} ${again} ${tactic}`;
    const known = this._tactics.get(key);
    if (known !== undefined) return known;
    const made = this._add(goal, tactic);
    this._tactics.set(key, made);
    return made;
  }

  /**
   * The item of a tactic's subgoal with this number; made when it is new.
   *
   * @param {number} tactic
   * @param {number} number
   * @returns {number}
   */
  subgoal(tactic, number) {
    const below = this.children[tactic];
    while (below.length <= number) this._add(tactic, '');
    return below[number];
  }

  /** @param {number} item */
  isGoal(item) {
    return this.depth[item] % 2 === 0;
  }

  /**
   * A name for a place in a link: 53 bits of a hash over tactics and child numbers, the same in every arm.
   *
   * @param {number} item
   * @returns {string}
   */
  name(item) {
    /** @type {string[]} */
    const steps = [];
    for (let at = item; at > 0; at = this.parent[at]) {
      steps.push(this.isGoal(at) ? String(this.children[this.parent[at]].indexOf(at)) : this.tactic[at]);
    }
    return hash(steps.reverse().join('\n'));
  }

  /**
   * The item with a name; −1 if there is none yet.
   *
   * @param {string} name
   * @returns {number}
   */
  find(name) {
    for (let item = 0; item < this.length; item++) if (this.isGoal(item) && this.name(item) === name) return item;
    return -1;
  }

  /**
   * @param {number} parent
   * @param {string} tactic
   */
  _add(parent, tactic) {
    const item = this.length;
    this.parent.push(parent);
    this.children.push([]);
    this.depth.push(this.depth[parent] + 1);
    this.tactic.push(tactic);
    this.children[parent].push(item);
    return item;
  }
}

/**
 * FNV-1a over UTF-16 units, twice with different beginnings.
 *
 * @param {string} text
 * @returns {string}
 */
function hash(text) {
  let one = 0x811c9dc5;
  let two = 0x9747b28c;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    one = Math.imul(one ^ unit, 0x01000193);
    two = Math.imul(two ^ (unit + index), 0x01000193);
  }
  return (one >>> 0).toString(36) + (two >>> 0).toString(36);
}
