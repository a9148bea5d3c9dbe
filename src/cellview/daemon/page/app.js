/**
 * The daemon's page: which view the address asks for, and the parts that all views share.
 *
 * @module
 */

import { ApiError, api } from './api.js';
import { make } from './dom.js';
import { ExperimentView } from './experiment.js';
import { ListView } from './listing.js';
import { Live } from './live.js';
import { SearchView } from './watch.js';
import { signIn } from './signin.js';
import { SubmitView } from './submit.js';
import { read, write } from './where.js';

/** @import { DaemonEvent } from './live.js' */
/** @import { Where } from './where.js' */

/**
 * @typedef {object} Shown A view, as long as it is shown.
 * @property {Page} page
 * @property {(event: DaemonEvent) => void} [onEvent]
 * @property {() => void} [onLink] The daemon answers again after it had not.
 * @property {() => void} [close]
 */

/** What views get of the page. */
export class Page {
  constructor() {
    this.content = /** @type {HTMLElement} */ (document.getElementById('content'));
    this.crumbs = /** @type {HTMLElement} */ (document.getElementById('crumbs'));
    this.link = /** @type {HTMLElement} */ (document.getElementById('link'));
    /** @type {Shown | null} */
    this.shown = null;
    this._connected = true;
    addEventListener('popstate', () => void this.show());
    document.addEventListener('click', (event) => this._follow(event));
  }

  async begin() {
    await signIn(this.content);
    const { events } = await api.health();
    this.live = new Live(events, (event) => this.shown?.onEvent?.(event), (connected) => this.setLink(connected));
    addEventListener('pagehide', () => this.live?.stop());
    await this.show();
  }

  /** @param {Where} where */
  go(where) {
    history.pushState(null, '', write(where));
    void this.show();
  }

  /** Writes down where one is, without going anywhere. @param {Where} where */
  note(where) {
    const address = write(where);
    if (address !== location.pathname + location.search) history.replaceState(null, '', address);
  }

  async show() {
    this.shown?.close?.();
    this.shown = null;
    const where = read(location.search);
    document.body.dataset.view = where.view;
    this.content.replaceChildren(make('p', { class: 'waiting' }, ['Asking the daemon…']));
    try {
      this.shown = await VIEWS[where.view](this, where);
    } catch (error) {
      this.refuse(error);
    }
    document.title = [this.crumbs.lastElementChild?.textContent, 'Cellview'].filter(Boolean).join(' · ');
  }

  /** @param {unknown} error */
  refuse(error) {
    if (!(error instanceof ApiError)) throw error;
    this.content.replaceChildren(make('div', { class: 'refused', role: 'alert' }, [make('h1', {}, [error.status === 404 ? 'Not there' : 'That did not work']), make('p', {}, [error.message]), make('p', {}, [make('a', { href: '/' }, ['All experiments'])])]));
  }

  /** @param {[string, Where?][]} steps Texts, and where they lead. */
  setCrumbs(...steps) {
    this.crumbs.replaceChildren(...steps.map(([text, where]) => (where ? make('a', { href: write(where) }, [text]) : make('span', { 'aria-current': 'page' }, [text]))));
  }

  /** @param {boolean} connected */
  setLink(connected) {
    this.link.textContent = connected ? '' : 'Connection lost. Trying again…';
    this.link.classList.toggle('lost', !connected);
    if (connected && !this._connected) this.shown?.onLink?.();
    this._connected = connected;
  }

  /** Links within the page change the view; the browser's own ways with links stay. @param {MouseEvent} event */
  _follow(event) {
    const link = /** @type {Element} */ (event.target).closest?.('a');
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    if (link.origin !== location.origin || link.pathname !== '/' || link.hash || link.target) return;
    event.preventDefault();
    history.pushState(null, '', link.href);
    void this.show().then(() => this.content.focus({ preventScroll: true }));
  }
}

/** @type {Record<Where['view'], (page: Page, where: Where) => Promise<Shown>>} */
const VIEWS = {
  list: (page, where) => ListView.open(page, where),
  submit: (page) => SubmitView.open(page),
  experiment: (page, where) => ExperimentView.open(page, where),
  search: (page, where) => SearchView.open(page, where),
};

void new Page().begin();
