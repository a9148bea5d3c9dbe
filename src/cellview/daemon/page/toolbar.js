/**
 * The buttons above the tree.
 *
 * @module
 */

import { button, icon, make } from './dom.js';

/** @import { Happening } from './seek.js' */

/**
 * @typedef {object} Wishes What a toolbar asks of its viewer.
 * @property {(by: number) => void} step
 * @property {(iteration: number) => void} seek
 * @property {() => void} end
 * @property {() => void} play
 * @property {(what: Happening | 'difference') => void} next
 * @property {() => void} live
 * @property {() => void} fit
 * @property {(factor: number) => void} zoom
 * @property {() => void} fold
 */

const PATHS = Object.freeze({
  first: 'M4 3v10M13 3 6.5 8 13 13z',
  back: 'M11 3 4.5 8 11 13z',
  play: 'M4.5 2.5 13 8l-8.5 5.5z',
  pause: 'M5 3v10M11 3v10',
  forth: 'M5 3l6.5 5L5 13z',
  last: 'M12 3v10M3 3l6.5 5L3 13z',
});

export class Toolbar {
  /**
   * @param {Wishes} wishes
   * @param {{live: boolean, arms: boolean}} has What there is to steer.
   */
  constructor(wishes, has) {
    this.field = /** @type {HTMLInputElement} */ (make('input', { type: 'number', min: '0', step: '1', class: 'cv-field', 'aria-label': 'Go to iteration' }));
    this.field.addEventListener('change', () => wishes.seek(Number(this.field.value)));
    this.total = make('span', { class: 'cv-total' });
    this.play = this._iconButton('play', 'Play (space)', () => wishes.play());
    this.live = button('Live', () => wishes.live(), { class: 'cv-live', 'aria-pressed': 'false', title: 'Follow the search as it runs (L)' });
    this.fold = button('Fold dead', () => wishes.fold(), { 'aria-label': 'Fold dead ends', 'aria-pressed': 'false', title: 'Hide what lies below dead goals (X)' });
    const next = (/** @type {Happening | 'difference'} */ what, /** @type {string} */ key) =>
      button(what, () => wishes.next(what), { class: `cv-next cv-next-${what}`, title: `Next ${what} (${key})`, 'aria-label': `Next ${what}` });
    this.element = make('div', { class: 'cv-toolbar', role: 'toolbar', 'aria-label': 'Time and view' }, [
      make('div', { class: 'cv-group cv-transport' }, [
        this._iconButton('first', 'First iteration (Home)', () => wishes.seek(0)),
        this._iconButton('back', 'One iteration back (,)', () => wishes.step(-1)),
        this.play,
        this._iconButton('forth', 'One iteration on (.)', () => wishes.step(1)),
        this._iconButton('last', 'Last iteration (End)', () => wishes.end()),
      ]),
      make('label', { class: 'cv-where' }, [make('span', { class: 'cv-word' }, ['Iteration']), this.field, this.total]),
      ...(has.live ? [this.live] : []),
      make('div', { class: 'cv-group cv-jumps' }, [
        make('span', { class: 'cv-word' }, ['Next']),
        next('solve', 'S'), next('block', 'B'), next('reroute', 'R'),
        ...(has.arms ? [next('difference', 'D')] : []),
      ]),
      make('div', { class: 'cv-group cv-view' }, [
        this.fold,
        button('−', () => wishes.zoom(1 / 1.4), { 'aria-label': 'Zoom out', title: 'Zoom out (−)' }),
        button('+', () => wishes.zoom(1.4), { 'aria-label': 'Zoom in', title: 'Zoom in (+)' }),
        button('Fit', () => wishes.fit(), { title: 'Show the whole tree (F)' }),
      ]),
    ]);
  }

  /**
   * @param {number} iteration
   * @param {number} last
   */
  point(iteration, last) {
    if (document.activeElement !== this.field) this.field.value = String(iteration);
    this.field.max = String(last);
    this.total.textContent = `of ${last.toLocaleString('en')}`;
  }

  /** @param {boolean} playing */
  showPlaying(playing) {
    this.play.replaceChildren(icon(PATHS[playing ? 'pause' : 'play']));
    this.play.setAttribute('aria-label', playing ? 'Pause (space)' : 'Play (space)');
  }

  /**
   * @param {keyof typeof PATHS} name
   * @param {string} label
   * @param {() => void} onClick
   */
  _iconButton(name, label, onClick) {
    const made = button('', onClick, { 'aria-label': label, title: label, class: 'cv-icon' });
    made.replaceChildren(icon(PATHS[name]));
    return made;
  }
}
