/**
 * One experiment: what can be done with it, what came out in all, and its searches by theorem, arm and seed.
 *
 * @module
 */

import { api } from './api.js';
import { Charts } from './charts.js';
import { make } from './dom.js';
import { flightIcon, stateIcon } from './icons.js';
import { choice } from './listing.js';
import { outcomeOf, progressOf, stateChip, stepsOf, timeOf } from './parts.js';
import { BLOCKED, DEAD, FRESH, OPEN, SOLVED } from './states.js';
import { write } from './where.js';

/** @import { ArmRow, Experiment, SearchStatus } from './api.js' */
/** @import { Page } from './app.js' */
/** @import { Where } from './where.js' */

const SOON_MS = 250;
const SUM_MS = 4000;
const MOST_ARMS = 4;

export class ExperimentView {
  /** @param {Page} page @param {Where} where */
  static async open(page, where) {
    const number = /** @type {number} */ (where.experiment);
    const [experiment, searches] = await Promise.all([api.experiment(number), api.searches(number)]);
    return new ExperimentView(page, where, experiment, searches);
  }

  /** @param {Page} page @param {Where} where @param {Experiment} experiment @param {SearchStatus[]} searches */
  constructor(page, where, experiment, searches) {
    this.page = page;
    this.where = where;
    this.experiment = experiment;
    this.searches = searches;
    page.setCrumbs(['Experiments', { view: 'list' }], [`${experiment.name || 'unnamed'} #${experiment.id}`]);
    this.said = make('p', { class: 'said', role: 'alert' });
    this.head = make('div', { class: 'title' });
    this.facts = make('dl', { class: 'facts' });
    this.totals = make('div', { class: 'totals' });
    this.results = make('div', { class: 'results' });
    this.charts = new Charts(experiment.id);
    /** @type {ArmRow[]} */
    this.rows = [];
    page.content.replaceChildren(make('div', { class: 'sheet' }, [this.head, this.said, this.facts, this.totals, this._filters(), this.results, this.charts.element]));
    this._show();
    void this._sumUp();
  }

  /** @param {import('./live.js').DaemonEvent} event */
  onEvent(event) {
    if (event.experiment !== this.experiment.id) return;
    if (event.kind === 'deleted') this.page.go({ view: 'list' });
    else this._soon();
  }

  onLink() {
    this._soon();
  }

  close() {
    clearTimeout(this._timer);
    clearTimeout(this._sumTimer);
  }

  /** Intervals are the daemon's work, in a process of its own each time: so not at every search that ends. */
  async _sumUp() {
    clearTimeout(this._sumTimer);
    this._sumTimer = 0;
    if (!this.searches.some((one) => one.state === 'done')) return;
    this.rows = await api.arms(this.experiment.id).catch(() => this.rows);
    this._showTotals();
  }

  _soon() {
    clearTimeout(this._timer);
    this._timer = setTimeout(async () => {
      try {
        [this.experiment, this.searches] = await Promise.all([api.experiment(this.experiment.id), api.searches(this.experiment.id)]);
        this._show();
        this._sumTimer ||= setTimeout(() => void this._sumUp(), SUM_MS);
      } catch {
        // The next event, or the link that is there again, asks anew.
      }
    }, SOON_MS);
  }

  _filters() {
    const find = /** @type {HTMLInputElement} */ (make('input', { type: 'search', 'aria-label': 'Find a theorem', placeholder: 'Find a theorem' }));
    find.value = this.where.find ?? '';
    find.addEventListener('input', () => this._set({ find: find.value || undefined }));
    const state = choice('Outcome', [['', 'All outcomes'], ['solved', 'solved'], ['unsolved', 'not solved'], ['differs', 'arms differ'], ['open', 'not ended']], this.where.state ?? '');
    state.addEventListener('change', () => this._set({ state: state.value || undefined }));
    const sort = choice('Shown as', [['', 'Table of arms'], ['list', 'List with digests']], this.where.sort ?? '');
    sort.addEventListener('change', () => this._set({ sort: sort.value || undefined }));
    return make('div', { class: 'filters' }, [find, state, sort]);
  }

  /** @param {Partial<Where>} change */
  _set(change) {
    Object.assign(this.where, change);
    this.page.note(this.where);
    this._showResults();
  }

  _show() {
    const { experiment, page } = this;
    const changed = (/** @type {Experiment | null} */ now) => {
      this.said.textContent = '';
      if (!now) page.go({ view: 'list' });
      else [this.experiment] = [now], this._show();
    };
    const steps = stepsOf(experiment, changed, (text) => (this.said.textContent = text));
    this.head.replaceChildren(make('h1', {}, [experiment.name || 'unnamed', ' ', make('span', { class: 'id' }, [`#${experiment.id}`])]), stateChip(experiment.state), make('div', { class: 'steps' }, steps));
    this.facts.replaceChildren(
      ...fact('Progress', progressOf(experiment)),
      ...fact('Priority', String(experiment.priority)),
      ...fact('Submitted', timeOf(experiment.submitted_at)),
      ...fact('Digest', make('code', { title: experiment.digest }, [experiment.digest.slice(0, 12)])),
      ...(experiment.reason ? fact('Reason', experiment.reason) : []),
    );
    this._showTotals();
    this._showResults();
  }

  _showTotals() {
    const arms = unique(this.searches.map((one) => one.arm));
    this.totals.replaceChildren(...arms.map((arm) => totalOf(arm, this.searches.filter((one) => one.arm === arm), this.rows.find((row) => row.arm === arm))));
  }

  _showResults() {
    const { find, state, sort } = this.where;
    const wanted = (find ?? '').toLowerCase();
    const shown = [...byTheorem(this.searches)].filter(([name, searches]) => name.toLowerCase().includes(wanted) && fits(searches, state));
    if (!shown.length) this.results.replaceChildren(make('p', { class: 'empty' }, ['No theorem is like that.']));
    else this.results.replaceChildren(sort === 'list' ? this._list(shown.flatMap(([, searches]) => searches)) : this._matrix(shown));
  }

  /** @param {[string, SearchStatus[]][]} shown */
  _matrix(shown) {
    const arms = unique(this.searches.map((one) => one.arm));
    const head = make('thead', {}, [make('tr', {}, [make('th', { scope: 'col' }, ['Theorem']), ...arms.map((arm) => make('th', { scope: 'col' }, [arm])), ...(arms.length > 1 ? [make('td')] : [])])]);
    const rows = shown.map(([theorem, searches]) =>
      make('tr', {}, [
        make('th', { scope: 'row' }, [theorem]),
        ...arms.map((arm) => make('td', { 'data-label': arm }, [make('div', { class: 'cells' }, searches.filter((one) => one.arm === arm).map((one) => this._cell(one)))])),
        ...(arms.length > 1 ? [make('td', { class: 'steps' }, [make('a', { href: this._address(theorem, arms.slice(0, MOST_ARMS), searches[0].seed), 'aria-label': `Compare the arms of ${theorem}` }, ['Compare'])])] : []),
      ]),
    );
    return make('div', { class: 'scrolls', role: 'region', tabindex: '0', 'aria-label': 'Results by theorem and arm' }, [make('table', { class: 'matrix' }, [head, make('tbody', {}, rows)])]);
  }

  /** @param {SearchStatus} one */
  _cell(one) {
    const iterations = one.result?.iterations;
    const words = `${outcomeOf(one)}${iterations === undefined ? '' : ` after ${iterations} iterations`}, seed ${one.seed}`;
    const short = one.state === 'done' && iterations !== undefined ? String(iterations) : one.state === 'done' ? '' : outcomeOf(one);
    return make('a', { class: 'cell', href: this._address(one.theorem, [one.arm], one.seed), title: words, 'aria-label': `${one.theorem}, ${one.arm}: ${words}` }, [markOf(one), short]);
  }

  /** @param {SearchStatus[]} searches */
  _list(searches) {
    const names = ['Theorem', 'Arm', 'Seed', 'Outcome', 'Iterations', 'Tactics', 'Proof', 'Trace digest'];
    const rows = searches.map((one) => {
      const { result } = one;
      const why = one.reason ?? result?.message ?? (result?.reproducible === false ? `not reproducible: ${result.not_reproducible_because.join('; ')}` : null);
      return make('tr', {}, [
        make('th', { scope: 'row' }, [make('a', { href: this._address(one.theorem, [one.arm], one.seed) }, [one.theorem])]),
        make('td', {}, [one.arm]),
        make('td', { class: 'number' }, [String(one.seed)]),
        make('td', {}, [make('span', { class: 'outcome' }, [markOf(one), outcomeOf(one)]), ...(why ? [make('span', { class: 'why' }, [why])] : [])]),
        make('td', { class: 'number' }, [result ? result.iterations.toLocaleString('en') : '']),
        make('td', { class: 'number' }, [result ? result.tried.toLocaleString('en') : '']),
        make('td', {}, result?.proof ? [this._proof(one)] : []),
        make('td', {}, result?.digest ? [make('code', { title: result.digest }, [result.digest.slice(0, 12)])] : []),
      ]);
    });
    const head = make('thead', {}, [make('tr', {}, names.map((name) => make('th', { scope: 'col' }, [name])))]);
    return make('div', { class: 'scrolls', role: 'region', tabindex: '0', 'aria-label': 'Results as a list' }, [make('table', { class: 'long' }, [head, make('tbody', {}, rows)])]);
  }

  /** @param {SearchStatus} one */
  _proof(one) {
    const lines = one.result?.proof_length ?? 0;
    const opener = make('button', { type: 'button', class: 'plain', 'aria-label': `Proof of ${one.theorem} under ${one.arm}` }, [`${lines} tactic${lines === 1 ? '' : 's'}`]);
    opener.addEventListener('click', () => void showProof(this.experiment.id, one));
    return opener;
  }

  /** @param {string} theorem @param {string[]} arms @param {number} seed */
  _address(theorem, arms, seed) {
    return write({ view: 'search', experiment: this.experiment.id, theorem, arms, seed });
  }
}

/**
 * How an arm has done: the share of its searches with a proof, and the interval that the daemon's analysis gives it.
 *
 * @param {string} arm
 * @param {SearchStatus[]} searches
 * @param {ArmRow | undefined} row
 */
function totalOf(arm, searches, row) {
  const ended = searches.filter((one) => one.state === 'done');
  const solved = ended.filter((one) => one.solved).length;
  const share = row?.solve_rate ?? (ended.length ? solved / ended.length : null);
  const percent = (/** @type {number} */ value) => String(Math.round(100 * value));
  const known = row !== undefined && row.low !== null && row.high !== null;
  return make('div', { class: 'total' }, [
    make('span', { class: 'total-name' }, [arm]),
    make('span', {}, [
      make('strong', {}, [share === null ? '–' : `${percent(share)} %`]),
      ...(known ? [make('span', { class: 'interval', title: `95 % interval, ${row.interval}` }, [` ${percent(/** @type {number} */ (row.low))}–${percent(/** @type {number} */ (row.high))}`])] : []),
    ]),
    make('span', { class: 'total-words', title: leftOut(row) }, [`${solved} proofs in ${row?.searches ?? ended.length} of ${searches.length} searches`]),
    ...(row && row.restricted_mean !== null ? [make('span', { class: 'total-words' }, [`${row.restricted_mean.toFixed(1)} iterations to a proof, cut at the budget`])] : []),
  ]);
}

/** Why some searches do not count. @param {ArmRow | undefined} row */
function leftOut(row) {
  const reasons = Object.entries(row?.dropped ?? {}).map(([why, count]) => `${count} ${why.replaceAll('_', ' ')}`);
  return reasons.length ? `Left out: ${reasons.join(', ')}` : undefined;
}

/**
 * Shows a proof over the page.
 *
 * @param {number} experiment
 * @param {SearchStatus} search
 */
export async function showProof(experiment, search) {
  const text = make('pre', { tabindex: '0' }, ['…']);
  const close = make('button', { type: 'button' }, ['Close']);
  const copy = make('button', { type: 'button', class: 'main' }, ['Copy']);
  const dialog = make('dialog', { class: 'proof', 'aria-label': `Proof of ${search.theorem}` }, [make('h2', {}, [search.theorem]), make('p', { class: 'why' }, [`${search.arm}, seed ${search.seed}; checked by Lean’s kernel in a fresh process`]), text, make('div', { class: 'choices' }, [close, copy])]);
  close.addEventListener('click', () => dialog.close());
  copy.addEventListener('click', () => void navigator.clipboard?.writeText(text.textContent ?? '').then(() => (copy.textContent = 'Copied')));
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  text.textContent = await api.proof(experiment, search.number).catch((error) => error.message);
}

/**
 * In the order of the plan, in one pass: an experiment may have a hundred thousand searches.
 *
 * @param {SearchStatus[]} searches
 * @returns {Map<string, SearchStatus[]>}
 */
function byTheorem(searches) {
  /** @type {Map<string, SearchStatus[]>} */
  const found = new Map();
  for (const one of searches) {
    const there = found.get(one.theorem);
    if (there) there.push(one);
    else found.set(one.theorem, [one]);
  }
  return found;
}

/** @param {SearchStatus[]} searches @param {string | undefined} state */
function fits(searches, state) {
  if (state === 'solved') return searches.some((one) => one.solved);
  if (state === 'unsolved') return searches.some((one) => one.state === 'done' && !one.solved);
  if (state === 'open') return searches.some((one) => one.state !== 'done');
  if (state === 'differs') return searches.some((one) => one.solved) && searches.some((one) => one.state === 'done' && !one.solved);
  return true;
}

/** @param {SearchStatus} search */
function markOf(search) {
  if (search.state === 'running') return flightIcon();
  if (search.state === 'set_aside') return stateIcon(BLOCKED);
  if (search.state !== 'done') return stateIcon(FRESH);
  return stateIcon(search.solved ? SOLVED : search.stop_reason === 'budget' ? OPEN : DEAD);
}

/**
 * @param {string} name
 * @param {Node | string} value
 */
function fact(name, value) {
  return [make('div', {}, [make('dt', {}, [name]), make('dd', {}, [value])])];
}

/** @param {string[]} words */
function unique(words) {
  return [...new Set(words)];
}
