/**
 * The list of experiments. Filters and order stand in the address.
 *
 * @module
 */

import { api } from './api.js';
import { make } from './dom.js';
import { progressOf, stateChip, stepsOf, timeOf } from './parts.js';
import { write } from './where.js';

/** @import { Experiment } from './api.js' */
/** @import { Page } from './app.js' */
/** @import { Where } from './where.js' */

const STATES = Object.freeze(['queued', 'running', 'paused', 'finished', 'failed', 'cancelled']);

/** @type {Record<string, [string, (one: Experiment, other: Experiment) => number]>} */
const ORDERS = {
  newest: ['Newest first', (one, other) => other.id - one.id],
  oldest: ['Oldest first', (one, other) => one.id - other.id],
  name: ['Name', (one, other) => one.name.localeCompare(other.name) || other.id - one.id],
  priority: ['Priority', (one, other) => other.priority - one.priority || one.id - other.id],
  progress: ['Progress', (one, other) => other.done / Math.max(1, other.points) - one.done / Math.max(1, one.points) || other.id - one.id],
};

const SOON_MS = 150;

export class ListView {
  /** @param {Page} page @param {Where} where */
  static async open(page, where) {
    page.setCrumbs(['Experiments']);
    return new ListView(page, where, await api.experiments());
  }

  /** @param {Page} page @param {Where} where @param {Experiment[]} experiments */
  constructor(page, where, experiments) {
    this.page = page;
    this.where = where;
    this.experiments = experiments;
    this.said = make('p', { class: 'said', role: 'alert' });
    this.rows = make('tbody');
    this.count = make('p', { class: 'count', role: 'status' });
    const head = make('thead', {}, [make('tr', {}, ['Experiment', 'State', 'Progress', 'Proofs', 'Priority', 'Submitted', ''].map((name) => (name ? make('th', { scope: 'col' }, [name]) : make('td'))))]);
    this.table = make('table', { class: 'experiments' }, [make('caption', { class: 'hidden' }, ['Experiments']), head, this.rows]);
    this.empty = make('p', { class: 'empty' });
    page.content.replaceChildren(
      make('div', { class: 'sheet' }, [
        make('div', { class: 'title' }, [make('h1', {}, ['Experiments']), make('a', { class: 'main', href: write({ view: 'submit' }) }, ['New experiment'])]),
        this._filters(),
        this.said,
        this.table,
        this.empty,
        this.count,
      ]),
    );
    this._show();
  }

  /** @param {import('./live.js').DaemonEvent} event */
  onEvent(event) {
    if (event.experiment) this._soon();
  }

  onLink() {
    this._soon();
  }

  close() {
    clearTimeout(this._timer);
  }

  /** Asks anew, once for many events. */
  _soon() {
    clearTimeout(this._timer);
    this._timer = setTimeout(async () => {
      this.experiments = await api.experiments().catch(() => this.experiments);
      this._show();
    }, SOON_MS);
  }

  _filters() {
    const find = /** @type {HTMLInputElement} */ (make('input', { type: 'search', 'aria-label': 'Find by name', placeholder: 'Find by name' }));
    find.value = this.where.find ?? '';
    find.addEventListener('input', () => this._set({ find: find.value || undefined }));
    const state = choice('State', [['', 'All states'], ...STATES.map((name) => /** @type {[string, string]} */ ([name, name]))], this.where.state ?? '');
    state.addEventListener('change', () => this._set({ state: state.value || undefined }));
    const sort = choice('Order', Object.entries(ORDERS).map(([name, [words]]) => [name, words]), this.where.sort ?? 'newest');
    sort.addEventListener('change', () => this._set({ sort: sort.value === 'newest' ? undefined : sort.value }));
    return make('div', { class: 'filters' }, [find, state, sort]);
  }

  /** @param {Partial<Where>} change */
  _set(change) {
    Object.assign(this.where, change);
    this.page.note(this.where);
    this._show();
  }

  _show() {
    const { state, find, sort } = this.where;
    const wanted = (find ?? '').toLowerCase();
    const order = (ORDERS[sort ?? 'newest'] ?? ORDERS.newest)[1];
    const shown = this.experiments
      .filter((one) => (!state || one.state === state) && `${one.name} ${one.id}`.toLowerCase().includes(wanted))
      .sort((one, other) => Number(other.pinned ?? false) - Number(one.pinned ?? false) || order(one, other));
    const focused = document.activeElement?.getAttribute('aria-label');
    this.rows.replaceChildren(...shown.map((one) => this._row(one)));
    // Rows are made anew when something happens; whoever stands on a button stays there.
    if (focused && document.activeElement === document.body) /** @type {HTMLElement | null} */ (this.rows.querySelector(`[aria-label="${CSS.escape(focused)}"]`))?.focus();
    this.table.hidden = !shown.length;
    this.empty.replaceChildren(this.experiments.length ? 'No experiment is like that.' : 'No experiment yet. Submit one here, or with "cellview submit".');
    this.empty.hidden = shown.length > 0;
    this.count.textContent = shown.length ? `${shown.length} of ${this.experiments.length}` : '';
  }

  /** @param {Experiment} one */
  _row(one) {
    const priority = /** @type {HTMLInputElement} */ (make('input', { type: 'number', min: '-100', max: '100', 'aria-label': `Priority of ${one.name || one.id}`, class: 'priority' }));
    priority.value = String(one.priority);
    priority.addEventListener('change', () => api.change(one.id, { priority: Number(priority.value) }).then((changed) => this._replace(one.id, changed), (error) => this._refused(error.message)));
    const final = ['finished', 'failed', 'cancelled'].includes(one.state);
    const steps = stepsOf(one, (changed) => this._replace(one.id, changed), (text) => this._refused(text));
    const cells = [
      make('th', { scope: 'row' }, [make('a', { href: write({ view: 'experiment', experiment: one.id }) }, [one.name || 'unnamed']), make('span', { class: 'id' }, [`#${one.id}`]), ...(one.pinned ? [make('span', { class: 'pin', title: 'Pinned' }, ['pinned'])] : [])]),
      make('td', {}, [stateChip(one.state), ...(one.reason ? [make('span', { class: 'why' }, [one.reason])] : [])]),
      make('td', {}, [progressOf(one)]),
      make('td', { class: 'number' }, [`${one.solved}`, ...(one.set_aside ? [make('span', { class: 'why' }, [`${one.set_aside} set aside`])] : [])]),
      make('td', { class: 'number' }, [final ? String(one.priority) : priority]),
      make('td', {}, [timeOf(one.submitted_at)]),
      make('td', { class: 'steps' }, steps),
    ];
    const labels = ['', '', 'Progress', 'Proofs', 'Priority', 'Submitted', ''];
    cells.forEach((cell, index) => labels[index] && cell.setAttribute('data-label', labels[index]));
    return make('tr', {}, cells);
  }

  /** @param {number} id @param {Experiment | null} changed */
  _replace(id, changed) {
    this.said.textContent = '';
    this.experiments = changed ? this.experiments.map((one) => (one.id === id ? changed : one)) : this.experiments.filter((one) => one.id !== id);
    this._show();
  }

  /** @param {string} text */
  _refused(text) {
    this.said.textContent = text;
  }
}

/**
 * @param {string} label
 * @param {[string, string][]} options Values and texts.
 * @param {string} value
 */
export function choice(label, options, value) {
  const select = make('select', { 'aria-label': label }, options.map(([name, words]) => make('option', { value: name }, [words])));
  select.value = options.some(([name]) => name === value) ? value : options[0][0];
  return select;
}
