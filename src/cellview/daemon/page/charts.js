/**
 * Figures of an experiment, drawn by the daemon: the ones of its report and of a paper. They are asked for when somebody
 * opens them, since each is some seconds of work.
 *
 * @module
 */

import { ApiError, api } from './api.js';
import { make } from './dom.js';

export class Charts {
  /** @param {number} experiment */
  constructor(experiment) {
    this.experiment = experiment;
    this.body = make('div', { class: 'charts-body' });
    this.element = make('details', { class: 'charts' }, [make('summary', {}, [make('h2', {}, ['Charts'])]), this.body]);
    this.element.addEventListener('toggle', () => void (this.element.open && this._load()));
  }

  async _load() {
    this.body.replaceChildren(make('p', { class: 'why', role: 'status' }, ['The daemon is drawing…']));
    try {
      const { figures, absent } = await api.figures(this.experiment);
      const reasons = Object.entries(absent).map(([name, why]) => make('li', {}, [make('b', {}, [name]), ` ${why}`]));
      this.body.replaceChildren(
        ...figures.map((one) => this._figure(one)),
        ...(reasons.length ? [make('ul', { class: 'absent', 'aria-label': 'Figures that cannot be drawn' }, reasons)] : []),
      );
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.body.replaceChildren(make('p', { role: 'alert', class: 'said' }, [error.message]));
    }
  }

  /** @param {{name: string, title: string, caption: string}} one */
  _figure({ name, title, caption }) {
    const address = `/api/experiments/${this.experiment}/figures/${name}`;
    // Fresh each time it is opened: results may have come meanwhile.
    const picture = make('img', { src: address, alt: title, loading: 'lazy', 'data-figure': name });
    return make('figure', {}, [
      make('div', { class: 'plate' }, [picture]),
      make('figcaption', {}, [caption, ' ', make('a', { href: address, target: '_blank' }, ['As a file'])]),
    ]);
  }
}
