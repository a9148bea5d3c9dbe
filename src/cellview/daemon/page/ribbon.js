/**
 * Time: one column for each iteration, coloured by its reason, and one lane for each agent. Where a pixel holds many
 * iterations, it shows the shares of their reasons. What is drawn stays until the data or the window changes; the hand that
 * points at the iteration is an element of its own, which moves over it.
 *
 * The scrubber is the browser's own slider, laid over the drawing: keys, touch and screen readers come with it.
 *
 * @module
 */

import { clamp } from './camera.js';
import { make } from './dom.js';
import { reasonColours } from './palette.js';
import { REASONS } from './trace.js';

/** @import { Palette } from './palette.js' */
/** @import { Search } from './search.js' */

const STRIP = 20;
const GAP = 4;
const AXIS = 18;
const LANES = 76;
/** Half a slider's thumb, beyond whose ends its middle does not come. */
const HALF_THUMB = 7;
const LEAST_SPAN = 12;

export class Ribbon {
  /**
   * @param {object} options
   * @param {(iteration: number) => void} options.onSeek
   * @param {(held: boolean) => void} options.onHold Whether somebody holds the slider.
   */
  constructor({ onSeek, onHold }) {
    this.canvas = make('canvas', { 'aria-hidden': 'true', class: 'cv-ribbon-drawing' });
    this.slider = /** @type {HTMLInputElement} */ (
      make('input', { type: 'range', min: '0', max: '0', step: '1', value: '0', class: 'cv-slider', 'aria-label': 'Iteration' })
    );
    this.labels = make('div', { class: 'cv-ribbon-labels', 'aria-hidden': 'true' });
    this.element = make('div', { class: 'cv-ribbon' }, [this.labels, make('div', { class: 'cv-ribbon-body' }, [this.canvas, this.slider])]);
    /** @type {Search[]} */
    this.searches = [];
    this.active = 0;
    this.first = 0;
    this.until = 0;
    this._whole = true;
    this.slider.addEventListener('input', () => onSeek(Number(this.slider.value)));
    this.slider.addEventListener('pointerdown', () => onHold(true));
    for (const end of ['pointerup', 'pointercancel', 'blur']) this.slider.addEventListener(end, () => onHold(false));
    this.element.addEventListener('wheel', (event) => this._wheel(event), { passive: false });
  }

  /** The last iteration of any search. */
  get last() {
    return Math.max(0, ...this.searches.map((search) => search.last));
  }

  /**
   * Shows what has come, or another arm's lanes.
   *
   * @param {Search[]} searches
   * @param {number} active Whose lanes are shown.
   * @param {Palette} palette
   * @param {number} parting Where the arms part; −1: nowhere.
   */
  show(searches, active, palette, parting) {
    this.searches = searches;
    this.active = active;
    this.palette = palette;
    this.parting = parting;
    if (this._whole) this._span(0, this.last);
    this.draw();
  }

  /**
   * Moves the hand, unless somebody holds it.
   *
   * @param {number} iteration
   * @param {string} spoken What a screen reader says of it.
   */
  point(iteration, spoken) {
    if (iteration < this.first || iteration > this.until) {
      const span = this.until - this.first;
      this._span(clamp(iteration - span / 2, 0, Math.max(0, this.last - span)), Math.min(this.last, iteration + span / 2));
      this.draw();
    }
    this.slider.value = String(iteration);
    this.slider.setAttribute('aria-valuetext', spoken);
  }

  /**
   * Shows a smaller or larger part of the time about an iteration.
   *
   * @param {number} factor
   * @param {number} about
   */
  zoom(factor, about) {
    const span = Math.max(LEAST_SPAN, (this.until - this.first) * factor);
    this._whole = span >= this.last;
    if (this._whole) this._span(0, this.last);
    else {
      const part = (about - this.first) / Math.max(1, this.until - this.first);
      const first = clamp(Math.round(about - span * part), 0, this.last - Math.round(span));
      this._span(first, Math.min(this.last, first + Math.round(span)));
    }
    this.draw();
  }

  draw() {
    const { canvas, palette, searches } = this;
    if (!palette || !searches.length) return;
    const agents = searches[this.active].agents;
    const lane = clamp(Math.floor(LANES / Math.max(1, agents)), 2, 10);
    const height = 8 + searches.length * (STRIP + GAP) + agents * lane + AXIS;
    const width = this.element.clientWidth - this.labels.offsetWidth;
    if (width <= 0) return;
    const ratio = devicePixelRatio || 1;
    [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
    canvas.style.height = `${height}px`;
    const column = this._column(width);
    this.slider.style.height = `${height - AXIS}px`;
    this.slider.style.left = `${column / 2 - HALF_THUMB}px`;
    this.slider.style.width = `${width - column + 2 * HALF_THUMB}px`;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.scale(ratio, ratio);
    const colours = reasonColours(palette);
    searches.forEach((search, index) => this._strip(context, search, 8 + index * (STRIP + GAP), width, colours));
    const top = 8 + searches.length * (STRIP + GAP);
    this._lanes(context, searches[this.active], top, lane, width, colours);
    this._events(context, width, palette);
    this._axis(context, top + agents * lane, width, palette);
    this._label(lane, agents);
    this.slider.min = String(this.first);
    this.slider.max = String(this.until);
  }

  /** @param {number} first @param {number} until */
  _span(first, until) {
    this.first = Math.max(0, Math.floor(first));
    this.until = Math.max(this.first, Math.floor(until));
  }

  /** Pixels of an iteration. @param {number} width */
  _column(width) {
    return width / (this.until - this.first + 1);
  }

  /** The middle of an iteration. @param {number} iteration @param {number} width */
  _x(iteration, width) {
    return (iteration - this.first + 0.5) * this._column(width);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Search} search
   * @param {number} top
   * @param {number} width
   * @param {string[]} colours
   */
  _strip(context, search, top, width, colours) {
    const counts = new Uint32Array(REASONS.length);
    this._columns(search, width, (x, wide, from, until) => {
      counts.fill(0);
      for (let row = from; row < until; row++) counts[search.reason.at(row)]++;
      let y = top;
      for (let reason = 0; reason < counts.length; reason++) {
        if (!counts[reason]) continue;
        const high = (counts[reason] / (until - from)) * STRIP;
        context.fillStyle = colours[reason];
        context.fillRect(x, y, wide, high);
        y += high;
      }
    });
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Search} search
   * @param {number} top
   * @param {number} lane
   * @param {number} width
   * @param {string[]} colours
   */
  _lanes(context, search, top, lane, width, colours) {
    const high = lane > 4 ? lane - 2 : lane;
    /** What each agent's lane has had since when. @type {({from: number, until: number, reason: number} | undefined)[]} */
    const runs = [];
    const end = (/** @type {number} */ agent) => {
      const run = runs[agent];
      if (!run) return;
      context.fillStyle = colours[run.reason];
      context.fillRect(run.from, top + agent * lane, run.until - run.from, high);
    };
    this._columns(search, width, (x, wide, from, until) => {
      // Of many iterations in a pixel, the last one of each agent is drawn: which is what it had come to.
      for (let row = Math.max(from, until - 4 * search.agents); row < until; row++) {
        const [agent, reason] = [search.agent.at(row), search.reason.at(row)];
        const run = runs[agent];
        if (run && run.reason === reason && x - run.until < 1.5) run.until = x + wide;
        else {
          end(agent);
          runs[agent] = { from: x, until: x + wide, reason };
        }
      }
    });
    runs.forEach((_, agent) => end(agent));
  }

  /**
   * Calls for each column: one iteration, or the iterations of one pixel.
   *
   * @param {Search} search
   * @param {number} width
   * @param {(x: number, wide: number, from: number, until: number) => void} each Rows from one up to before another.
   */
  _columns(search, width, each) {
    const from = Math.max(0, search.rowAt(this.first - 1) + 1);
    const until = search.rowAt(this.until) + 1;
    const one = this._column(width);
    if (one >= 1) {
      for (let row = from; row < until; row++) {
        each(this._x(search.iteration.at(row), width) - one / 2, Math.max(1, one - (one > 4 ? 1 : 0)), row, row + 1);
      }
      return;
    }
    for (let row = from; row < until; ) {
      const x = Math.floor(this._x(search.iteration.at(row), width));
      let next = row + 1;
      while (next < until && Math.floor(this._x(search.iteration.at(next), width)) === x) next++;
      each(x, 1, row, next);
      row = next;
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} width
   * @param {Palette} palette
   */
  _events(context, width, palette) {
    this.searches.forEach((search, index) => {
      if (search.solvedAt < this.first || search.solvedAt > this.until) return;
      const [x, y] = [this._x(search.solvedAt, width), 8 + index * (STRIP + GAP)];
      context.fillStyle = palette.ink;
      context.beginPath();
      context.moveTo(x - 5, y - 7);
      context.lineTo(x + 5, y - 7);
      context.lineTo(x, y - 1);
      context.fill();
    });
    if (this.parting === undefined || this.parting < this.first || this.parting > this.until) return;
    context.fillStyle = palette.differs;
    context.fillRect(this._x(this.parting, width) - 1, 0, 2, 8 + this.searches.length * (STRIP + GAP));
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} top
   * @param {number} width
   * @param {Palette} palette
   */
  _axis(context, top, width, palette) {
    context.font = '11px ui-sans-serif, system-ui, sans-serif';
    context.fillStyle = palette.muted;
    context.textBaseline = 'bottom';
    const step = tickStep((this.until - this.first) / Math.max(2, width / 90));
    for (let tick = Math.ceil(this.first / step) * step; tick <= this.until; tick += step) {
      const x = this._x(tick, width);
      context.textAlign = x < 20 ? 'left' : x > width - 20 ? 'right' : 'center';
      context.fillText(tick.toLocaleString('en'), x, top + AXIS);
    }
  }

  /** @param {number} lane @param {number} agents */
  _label(lane, agents) {
    const words = this.searches.map((search) => make('span', { class: 'cv-ribbon-strip', title: search.label }, [this.searches.length > 1 ? search.label : 'all']));
    if (lane >= 9) for (let agent = 0; agent < agents; agent++) words.push(make('span', { class: 'cv-ribbon-lane' }, [String(agent)]));
    else words.push(make('span', { class: 'cv-ribbon-lane' }, [`${agents} agents`]));
    this.labels.replaceChildren(...words);
    words.forEach((word, index) => {
      if (index >= this.searches.length) word.style.height = `${lane}px`;
    });
  }

  /** @param {WheelEvent} event */
  _wheel(event) {
    event.preventDefault();
    const box = this.slider.getBoundingClientRect();
    const part = clamp((event.clientX - box.left - HALF_THUMB) / Math.max(1, box.width - 2 * HALF_THUMB), 0, 1);
    const about = this.first + part * (this.until - this.first);
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      const shift = Math.round((event.deltaX / Math.max(1, box.width)) * (this.until - this.first));
      const first = clamp(this.first + shift, 0, Math.max(0, this.last - (this.until - this.first)));
      this._span(first, first + this.until - this.first);
      this.draw();
    } else this.zoom(Math.exp(event.deltaY * 0.002), about);
  }
}

/**
 * A round number not below another.
 *
 * @param {number} least
 */
export function tickStep(least) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  for (const times of [1, 2, 5, 10]) if (times * power >= least) return Math.max(1, times * power);
  return 10 * power;
}
