/**
 * One search, or arms of a theorem side by side, in the viewer: what is there, and what comes as long as it runs.
 *
 * @module
 */

import { ApiError, api } from './api.js';
import { button, make } from './dom.js';
import { showProof } from './experiment.js';
import { mount } from './viewer.js';

/** @import { SearchStatus } from './api.js' */
/** @import { Page } from './app.js' */
/** @import { Viewer } from './viewer.js' */
/** @import { Where } from './where.js' */

const NOTE_MS = 250;
const FIRST_WAIT_MS = 500;
const SLOWEST_MS = 8000;

export class SearchView {
  /** @param {Page} page @param {Where} where */
  static async open(page, where) {
    const number = /** @type {number} */ (where.experiment);
    const [experiment, searches] = await Promise.all([api.experiment(number), api.searches(number)]);
    const arms = where.arms ?? [];
    const chosen = arms.map((arm) => searches.find((one) => one.theorem === where.theorem && one.arm === arm && one.seed === where.seed)).filter((one) => one !== undefined);
    if (!chosen.length) throw new ApiError(404, `Experiment ${number} has no search of ${where.theorem} under ${arms.join(', ')} with seed ${where.seed}.`);
    const name = `${experiment.name || 'unnamed'} #${number}`;
    page.setCrumbs(['Experiments', { view: 'list' }], [name, { view: 'experiment', experiment: number }], [`${where.theorem}, seed ${where.seed}`]);
    const view = new SearchView(page, where, number, chosen);
    await view.load();
    return view;
  }

  /** @param {Page} page @param {Where} where @param {number} experiment @param {SearchStatus[]} searches */
  constructor(page, where, experiment, searches) {
    this.page = page;
    this.where = where;
    this.experiment = experiment;
    this.searches = searches;
    this.ended = new AbortController();
    this.box = make('div', { class: 'viewer' });
    this.state = make('p', { class: 'waiting', role: 'status' });
    this.tools = make('div', { class: 'search-tools' });
    const title = make('h1', { class: 'hidden' }, [`${where.theorem}: ${searches.map((search) => search.arm).join(', ')}, seed ${where.seed}`]);
    page.content.replaceChildren(title, this.box, this.state);
  }

  async load() {
    const { signal } = this.ended;
    const texts = await Promise.all(this.searches.map((search) => (search.state === 'done' ? this._whole(search) : new Uint8Array(0))));
    if (signal.aborted) return;
    this.state.remove();
    const running = this.searches.some((search) => search.state !== 'done');
    this.viewer = mount(this.box, {
      traces: this.searches.map((search, index) => ({ label: search.arm, text: texts[index], finished: search.state === 'done' })),
      at: this.where.iteration,
      goal: this.where.goal,
      live: running && this.where.iteration === undefined,
      onMove: (at) => this._note(at),
    });
    this._showTools();
    this.searches.forEach((search, index) => {
      if (search.state !== 'done') void this._follow(search, index);
    });
  }

  close() {
    clearTimeout(this._timer);
    this.ended.abort();
    this.viewer?.destroy();
  }

  /** Buttons of this one theorem: its proof, a link to here, its statement's other arms. */
  _showTools() {
    const solved = this.searches.find((search) => search.solved);
    const copy = button('Copy link', async () => {
      await navigator.clipboard?.writeText(location.href);
      copy.textContent = 'Copied';
      setTimeout(() => (copy.textContent = 'Copy link'), 1500);
    });
    this.tools.replaceChildren(...(solved ? [button('Proof', () => void showProof(this.experiment, solved))] : []), copy);
    this.page.crumbs.append(this.tools);
  }

  /** @param {SearchStatus} search @returns {Promise<Uint8Array>} */
  async _whole(search) {
    this.state.textContent = 'Loading the trace…';
    try {
      const answer = await api.trace(this.experiment, search.number, { from: 0, stream: false, signal: this.ended.signal });
      return new Uint8Array(await answer.arrayBuffer());
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return new Uint8Array(0); // it was run without a trace
      throw error;
    }
  }

  /**
   * Reads what comes until the search has ended, over whatever happens to the connection.
   *
   * @param {SearchStatus} search
   * @param {number} index
   */
  async _follow(search, index) {
    const { signal } = this.ended;
    let from = 0;
    let wait = FIRST_WAIT_MS;
    const viewer = /** @type {Viewer} */ (this.viewer);
    while (!signal.aborted) {
      try {
        const answer = await api.trace(this.experiment, search.number, { from, stream: true, signal });
        this.page.setLink(true);
        const reader = /** @type {ReadableStream<Uint8Array>} */ (answer.body).getReader();
        const partial = new Partial();
        for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
          const whole = partial.push(piece.value);
          if (!whole.length) continue;
          viewer.append(index, whole);
          from = viewer.lastOf(index) + 1;
          wait = FIRST_WAIT_MS;
        }
        const now = await api.search(this.experiment, search.number);
        Object.assign(search, now);
        if (now.state === 'done' || now.state === 'set_aside') break;
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof ApiError) && !(error instanceof TypeError)) throw error;
        this.page.setLink(false);
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
      wait = Math.min(SLOWEST_MS, wait * 2);
    }
    if (signal.aborted) return;
    viewer.finish(index);
    this._showTools();
  }

  /**
   * Writes where one is into the address, when one rests: browsers refuse many changes in a short time.
   *
   * @param {{iteration: number, goal: string | null, live: boolean}} at
   */
  _note({ iteration, goal, live }) {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this.page.note({ ...this.where, iteration: live ? undefined : iteration, goal: goal ?? undefined }), NOTE_MS);
  }
}

/** Keeps back the end of what has come until its line is whole: a connection can break in the middle of one. */
class Partial {
  constructor() {
    this._rest = new Uint8Array(0);
  }

  /** @param {Uint8Array} bytes @returns {Uint8Array} Whole lines. */
  push(bytes) {
    const joined = new Uint8Array(this._rest.length + bytes.length);
    joined.set(this._rest);
    joined.set(bytes, this._rest.length);
    const end = joined.lastIndexOf(10) + 1;
    this._rest = joined.slice(end);
    return joined.subarray(0, end);
  }
}
