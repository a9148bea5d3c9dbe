/**
 * The parts of a viewer, put together: what is above the tree, the tree, beside it, and below.
 *
 * @module
 */

import { make } from './dom.js';
import { goalLegend } from './legend.js';
import { Outline } from './outline.js';
import { Pane } from './pane.js';
import { Ribbon } from './ribbon.js';
import { Toolbar } from './toolbar.js';

/** @import { View } from './view.js' */

export class Frame {
  /**
   * @param {HTMLElement} element It is emptied.
   * @param {View} view Told what people do.
   */
  constructor(element, view) {
    this.panes = view.searches.map(
      (_, index) =>
        new Pane(view.camera, {
          onChoose: (item) => view.choose(item, index),
          onHover: (item) => view.hover(item),
          onFold: (item) => view.fold(item),
          onMove: () => view.steer(),
        }),
    );
    this.toolbar = new Toolbar(
      {
        step: (by) => view.seek(view.iteration + by),
        seek: (iteration) => view.seek(iteration),
        end: () => view.seek(view.last),
        play: () => view.play(),
        next: (what) => view.next(what),
        live: () => view.setLive(!view.live),
        fit: () => view.fit(),
        zoom: (factor) => view.zoom(factor),
        fold: () => view.foldDead(),
      },
      { live: view.searches.some((search) => !search.finished), arms: view.searches.length > 1 },
    );
    this.ribbon = new Ribbon({ onSeek: (iteration) => view.seek(iteration), onHold: (held) => view.hold(held) });
    this.outline = new Outline((item) => view.choose(item));
    this.panel = make('aside', { class: 'cv-panel', 'aria-label': 'Iteration and goal' });
    this.reasons = make('ul', { class: 'cv-legend cv-legend-time', 'aria-label': 'What a column’s colour means' });
    this.said = make('p', { class: 'cv-said', role: 'status' });
    const panes = make('div', { class: `cv-panes cv-panes-${this.panes.length}` }, this.panes.map((pane) => pane.element));
    const stage = make('div', { class: 'cv-stage' }, [this.outline.element, panes, make('div', { class: 'cv-key' }, [goalLegend()])]);
    this.root = make('div', { class: 'cv' }, [
      this.toolbar.element,
      make('div', { class: 'cv-middle' }, [stage, this.panel]),
      make('div', { class: 'cv-time' }, [this.ribbon.element, this.reasons]),
      this.said,
    ]);
    element.replaceChildren(this.root);
    this.root.addEventListener('keydown', (event) => view.key(event));
    this._resizing = new ResizeObserver(() => view.resized());
    this._resizing.observe(stage);
  }

  /** Watches the page no more. */
  stop() {
    this._resizing.disconnect();
  }
}
