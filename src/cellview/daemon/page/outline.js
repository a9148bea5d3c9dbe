/**
 * The tree for keys and screen readers: a `role=tree` of which so much exists as is asked for, the way from the root to the
 * goal that is chosen, with the goals beside it and below it. Its focus and the canvas's choice are one.
 *
 * @module
 */

import { make } from './dom.js';
import { STATE_NAMES } from './states.js';

/** @import { Search } from './search.js' */

const MOST_BESIDE = 40;

export class Outline {
  /** @param {(item: number) => void} onChoose */
  constructor(onChoose) {
    this.onChoose = onChoose;
    this.element = make('ul', { role: 'tree', tabindex: '0', class: 'cv-outline', 'aria-label': 'Goals of the search' });
    this.element.addEventListener('keydown', (event) => this._key(event));
    this.element.addEventListener('focus', () => {
      if (this.item < 0 && this.search?.nodes) onChoose(0);
    });
    this.item = -1;
    this.iteration = 0;
    /** @type {Search | undefined} */
    this.search = undefined;
    this.prefix = `cv${++Outline.made}-`;
  }

  /**
   * @param {Search} search
   * @param {number} iteration
   * @param {number} item Chosen; −1: none, and the root stands for it.
   */
  show(search, iteration, item) {
    [this.search, this.iteration, this.item] = [search, iteration, item];
    const node = item < 0 ? 0 : search.nodeOf(item);
    if (!search.nodes || node < 0 || search.born.at(node) > iteration) {
      this.element.replaceChildren(make('li', { role: 'treeitem', 'aria-level': '1' }, ['This goal is not there.']));
      this.element.removeAttribute('aria-activedescendant');
      return;
    }
    const path = new Set(search.path(node));
    this.element.replaceChildren(this._item(search, 0, 1, 1, 1, path, node));
    this.element.setAttribute('aria-activedescendant', `${this.prefix}${node}`);
  }

  /**
   * @param {Search} search
   * @param {number} node
   * @param {number} level
   * @param {number} place
   * @param {number} size
   * @param {Set<number>} path
   * @param {number} chosen
   * @returns {HTMLElement}
   */
  _item(search, node, level, place, size, path, chosen) {
    const below = this._below(node);
    const open = path.has(node) && below.length > 0;
    const item = make(
      'li',
      {
        role: 'treeitem', id: `${this.prefix}${node}`, 'aria-level': String(level), 'aria-posinset': String(place),
        'aria-setsize': String(size), 'aria-selected': String(node === chosen),
        'aria-expanded': below.length ? String(open) : undefined,
      },
      [make('span', {}, [this._words(search, node)])],
    );
    if (open) {
      const at = below.findIndex((other) => path.has(other));
      const from = Math.max(0, at - MOST_BESIDE / 2);
      const some = below.slice(from, from + MOST_BESIDE);
      item.append(make('ul', { role: 'group' }, some.map((other, index) => this._item(search, other, level + 1, from + index + 1, below.length, path, chosen))));
    }
    return item;
  }

  /** @param {Search} search @param {number} node */
  _words(search, node) {
    const edge = search.above.at(node);
    const by = edge < 0 ? '' : `${search.tactic[edge]}: `;
    return `${by}${search.goal[node] || 'goal not visited yet'}, ${STATE_NAMES[search.stateAt(node, this.iteration)]}`;
  }

  /**
   * Subgoals of all tactics that are there.
   *
   * @param {number} node
   * @returns {number[]}
   */
  _below(node) {
    const search = /** @type {Search} */ (this.search);
    return search.edges[node].filter((edge) => search.edgeBorn.at(edge) <= this.iteration).flatMap((edge) => search.subgoals[edge]);
  }

  /** @param {KeyboardEvent} event */
  _key(event) {
    const { search } = this;
    if (!search || event.ctrlKey || event.metaKey || event.altKey) return;
    const node = this.item < 0 ? 0 : search.nodeOf(this.item);
    if (node < 0) return;
    const to = this._target(search, node, event.key);
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (to >= 0) this.onChoose(search.item.at(to));
  }

  /**
   * @param {Search} search
   * @param {number} node
   * @param {string} key
   * @returns {number | undefined} −1: the key is one of ours, and leads nowhere.
   */
  _target(search, node, key) {
    const parent = search.parent(node);
    const beside = parent < 0 ? [node] : this._below(parent);
    const place = beside.indexOf(node);
    switch (key) {
      case 'ArrowRight':
        return this._below(node)[0] ?? -1;
      case 'ArrowLeft':
        return parent;
      case 'ArrowDown':
        return beside[place + 1] ?? -1;
      case 'ArrowUp':
        return beside[place - 1] ?? -1;
      case 'Home':
        return 0;
      case 'End':
        return beside[beside.length - 1];
      default:
        return undefined;
    }
  }
}

Outline.made = 0;
