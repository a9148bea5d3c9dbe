/**
 * The form of a new experiment: what most need at once, the rest folded.
 *
 * @module
 */

import { ApiError, api } from './api.js';
import { make } from './dom.js';
import { numbersOf, submissionOf } from './submission.js';

/** @import { Page } from './app.js' */

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {string} [value]
 * @property {string} [hint]
 * @property {string[]} [options]
 * @property {'number' | 'text'} [type]
 * @property {string} [step]
 */

/** @type {Field[]} */
const FIRST = [
  { name: 'name', label: 'Name', hint: 'For people; it becomes part of the folder’s name.' },
  { name: 'arms', label: 'Arms', value: 'wild_type', hint: 'Separated by commas: wild_type, block_cases, block_family_case_analysis, random_nonpath_control …' },
  { name: 'seeds', label: 'Seeds', value: '0', hint: 'Such as 0-4,7. Each arm is run with each.' },
  { name: 'budget', label: 'Budget', value: '10,50', hint: 'Iterations, in tiers that add up.' },
  { name: 'agents', label: 'Agents', type: 'number', value: '4' },
  { name: 'inflight', label: 'Window', type: 'number', value: '4', hint: 'Iterations under way at once; part of the result, like the seed.' },
];

/** @type {[string, Field[]][]} */
const MORE = [
  ['Prover', [
    { name: 'prover', label: 'Prover', options: ['lean', 'synthetic'] },
    { name: 'automation', label: 'Automation', options: ['none', 'light', 'full'], value: 'full', hint: 'none: single logical steps, so that proofs have structure.' },
    { name: 'heartbeats', label: 'Heartbeats, thousands', type: 'number' },
    { name: 'p_close', label: 'Synthetic: share that closes', type: 'number', step: 'any' },
    { name: 'latency_s', label: 'Synthetic: seconds a tactic', type: 'number', step: 'any' },
  ]],
  ['Search', [
    { name: 'selection', label: 'Selection', options: ['virtual-loss', 'wu-uct', 'puct', 'best-first', 'blind', 'blind-order'] },
    { name: 'expansion', label: 'Expansion', options: ['all-successes', 'first-success'] },
    { name: 'backpropagation', label: 'Backpropagation', options: ['uniform', 'and_min'] },
    { name: 'provider_jitter', label: 'Jitter of the provider, σ', type: 'number', step: 'any' },
    { name: 'time_budget_s', label: 'Most seconds a search', type: 'number', step: 'any', hint: 'What is ended so is not reproducible.' },
    { name: 'priority', label: 'Priority', type: 'number', value: '0' },
  ]],
  ['Obstacles', [
    { name: 'block_fraction', label: 'Share of goals that freeze', type: 'number', step: 'any' },
    { name: 'block_duration', label: 'for so many iterations', type: 'number', hint: 'Negative: for good.' },
    { name: 'delay_prob', label: 'Probability of a delay', type: 'number', step: 'any' },
    { name: 'delay_duration', label: 'for so many iterations', type: 'number' },
    { name: 'reroute_max', label: 'Reroutes at most', type: 'number', hint: 'Empty: an agent gives its iteration up.' },
  ]],
];

export class SubmitView {
  /** @param {Page} page */
  static async open(page) {
    page.setCrumbs(['Experiments', { view: 'list' }], ['New experiment']);
    return new SubmitView(page);
  }

  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    this.key = key();
    this.said = make('p', { class: 'said', role: 'alert' });
    this.corpus = /** @type {HTMLInputElement} */ (make('input', { id: 'corpus', name: 'corpus', placeholder: 'micro.toml', autocomplete: 'off' }));
    this.text = /** @type {HTMLTextAreaElement} */ (make('textarea', { id: 'corpus_text', rows: '7', spellcheck: 'false', placeholder: "[[theorem]]\nid = 'and_swap'\nstatement = '(p q : Prop) : p ∧ q → q ∧ p'" }));
    this.button = make('button', { class: 'main' }, ['Submit']);
    this.form = make('form', { class: 'sheet form', novalidate: true }, [
      make('h1', {}, ['New experiment']),
      this._corpus(),
      make('fieldset', {}, [make('legend', {}, ['What is run']), make('div', { class: 'grid' }, FIRST.map(fieldOf))]),
      ...MORE.map(([title, fields]) => make('details', {}, [make('summary', {}, [title]), make('div', { class: 'grid' }, fields.map(fieldOf))])),
      make('p', { class: 'searches', role: 'status' }),
      this.said,
      this.button,
    ]);
    this.form.addEventListener('submit', (event) => void this._submit(event));
    this.form.addEventListener('input', () => this._count());
    page.content.replaceChildren(this.form);
    this._count();
  }

  _corpus() {
    const file = /** @type {HTMLInputElement} */ (make('input', { type: 'file', accept: '.toml', id: 'corpus_file' }));
    file.addEventListener('change', async () => {
      if (!file.files?.[0]) return;
      this.text.value = await file.files[0].text();
      this.corpus.value = '';
    });
    return make('fieldset', {}, [
      make('legend', {}, ['Corpus']),
      make('div', { class: 'grid' }, [
        wrapped('corpus', 'One that the daemon has', this.corpus, 'The file’s name in one of its folders of corpora.'),
        wrapped('corpus_file', 'or a file of yours', file),
      ]),
      wrapped('corpus_text', 'or its text', this.text),
    ]);
  }

  /** @returns {Record<string, string>} */
  _values() {
    /** @type {Record<string, string>} */
    const values = { corpus: this.corpus.value.trim(), corpus_text: this.text.value };
    for (const element of /** @type {NodeListOf<HTMLInputElement | HTMLSelectElement>} */ (this.form.querySelectorAll('[data-field]'))) values[element.name] = element.value.trim();
    return values;
  }

  _count() {
    const { arms, seeds, corpus_text: text } = this._values();
    const theorems = (text.match(/^\s*\[\[theorem\]\]/gm) ?? []).length;
    const each = arms.split(',').filter((arm) => arm.trim()).length * (numbersOf(seeds)?.length ?? 0);
    const words = each ? `${each} search${each === 1 ? '' : 'es'} for each theorem${theorems ? `, ${each * theorems} in all` : ''}` : '';
    /** @type {HTMLElement} */ (this.form.querySelector('.searches')).textContent = words;
  }

  /** @param {Event} event */
  async _submit(event) {
    event.preventDefault();
    this.said.textContent = '';
    const { submission, wrong } = submissionOf(this._values());
    if (wrong) {
      this.said.textContent = wrong.text;
      const field = this.form.elements.namedItem(wrong.field);
      if (field instanceof HTMLElement) {
        field.closest('details')?.setAttribute('open', '');
        field.focus();
      }
      return;
    }
    /** @type {HTMLButtonElement} */ (this.button).disabled = true;
    try {
      const { id } = await api.submit(submission, this.key);
      this.page.go({ view: 'experiment', experiment: id });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.said.textContent = error.message;
      // The daemon refused this one; what is sent next is another submission. After silence it may be the same one.
      if (error.status) this.key = key();
    } finally {
      /** @type {HTMLButtonElement} */ (this.button).disabled = false;
    }
  }
}

/** @param {Field} field */
function fieldOf({ name, label, value = '', hint, options, type = 'text', step }) {
  const element = options
    ? make('select', { id: name, name, 'data-field': true }, options.map((option) => make('option', { value: option, selected: option === value }, [option])))
    : make('input', { id: name, name, type, step, value, autocomplete: 'off', 'data-field': true });
  return wrapped(name, label, element, hint);
}

/**
 * @param {string} id
 * @param {string} label
 * @param {HTMLElement} element
 * @param {string} [hint]
 */
function wrapped(id, label, element, hint) {
  if (hint) element.setAttribute('aria-describedby', `${id}-hint`);
  return make('div', { class: 'field' }, [make('label', { for: id }, [label]), element, ...(hint ? [make('p', { id: `${id}-hint`, class: 'hint' }, [hint])] : [])]);
}

/** A name for this one submission, so that it can be sent again after silence and is still one. */
function key() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
