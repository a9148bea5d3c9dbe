/**
 * The state of a viewer, and what changes it: where in time one is, which goal is chosen, what has come, how one looks at it.
 *
 * @module
 */

import { Camera } from './camera.js';
import { differsAt, firstParting } from './compare.js';
import { prefersStillness } from './dom.js';
import { Frame } from './frame.js';
import { Glide } from './glide.js';
import { keyOf } from './keys.js';
import { Growing, tidy } from './layout.js';
import { reasonLegend } from './legend.js';
import { paletteOf } from './palette.js';
import { sentence, showPanel } from './panel.js';
import { Places } from './places.js';
import { Search } from './search.js';
import { nextDifference, nextOf } from './seek.js';
import { DEAD } from './states.js';

/** @import { Pane } from './pane.js' */
/** @import { Scene } from './paint.js' */
/** @import { Happening } from './seek.js' */
/** @import { Options } from './viewer.js' */

/** Iterations in a second, when time plays. */
const PLAYS = 8;
const AGENT_MS = 240;
const WORDS_MS = 70;
const SAID_MS = 5000;

export class View {
  /**
   * @param {HTMLElement} element
   * @param {Options} options
   */
  constructor(element, options) {
    this.places = new Places();
    this.searches = options.traces.map(({ label, text, finished }) => {
      const search = new Search(this.places, label);
      if (text) search.append(text);
      search.finished = finished ?? true;
      return search;
    });
    this.onMove = options.onMove;
    this.camera = new Camera();
    this.glide = new Glide();
    this.growing = new Growing();
    this.iteration = 0;
    this.chosen = -1;
    this.hovered = -1;
    this.active = 0;
    /** The one agent that is shown; −1: all. */
    this.agent = -1;
    this.live = false;
    /** Name of a goal that a link has chosen, and that is not there yet. @type {string | null} */
    this.awaited = options.goal ?? null;
    /** @type {Set<number>} */
    this.folded = new Set();
    this.deadFolded = false;
    this.parting = -1;
    /** Goals of each proof. @type {Set<number>[]} */
    this.proofs = [];
    this._held = false;
    this._steered = false;
    this._playing = 0;
    this._travelFrom = 0;
    this._frame = 0;
    this._quiet = 0;
    /** @type {((took: number) => void)[]} */
    this._waiting = [];
    this.frame = new Frame(element, this);
    this.palette = paletteOf(this.frame.root);
    this._dark = matchMedia('(prefers-color-scheme: dark)');
    this._recolour = () => this._colours();
    this._dark.addEventListener('change', this._recolour);
    this._lay(false);
    this._grown();
    this._go(options.at ?? this.last, false);
    this.setLive(options.live ?? false);
    this._settled();
  }

  get last() {
    return Math.max(0, ...this.searches.map((search) => search.last));
  }

  // -- time -----------------------------------------------------------------------------------------------------------

  /** @param {number} iteration */
  seek(iteration) {
    if (!Number.isFinite(iteration)) return;
    if (iteration !== this.iteration || this.live) this.setLive(false);
    this._go(iteration, Math.abs(iteration - this.iteration) === 1);
  }

  /**
   * @param {number} iteration
   * @param {boolean} travels Whether agents walk there: over one iteration they do.
   */
  _go(iteration, travels) {
    this.iteration = Math.min(this.last, Math.max(0, Math.round(iteration)));
    this._travelFrom = travels && !prefersStillness() ? performance.now() : -Infinity;
    this.frame.ribbon.point(this.iteration, `${this.iteration}: ${sentence(this._search, this.iteration)}`);
    this.frame.toolbar.point(this.iteration, this.last);
    this._changed();
  }

  get _search() {
    return this.searches[this.active];
  }

  /** @param {Happening | 'difference'} what */
  next(what) {
    const found = what === 'difference' ? nextDifference(this.searches, this.parting, this.iteration) : nextOf(this.searches, what, this.iteration);
    if (found < 0) {
      this._say(`No ${what} after iteration ${this.iteration}.`);
      return;
    }
    this.seek(found);
    const search = this.searches.find((one) => one.iteration.at(one.rowAt(found)) === found) ?? this._search;
    this._reveal(search.item.at(search.node.at(search.rowAt(found))));
  }

  play() {
    this._playing = this._playing ? 0 : performance.now();
    if (this._playing && this.iteration >= this.last) this.seek(0);
    this.frame.toolbar.showPlaying(this._playing > 0);
    this._draw();
  }

  /** @param {boolean} live */
  setLive(live) {
    this.live = live && this.searches.some((search) => !search.finished);
    this.frame.toolbar.live.setAttribute('aria-pressed', String(this.live));
    if (this.live) this._go(this.last, false);
  }

  // -- growth ---------------------------------------------------------------------------------------------------------

  /**
   * @param {number} trace
   * @param {string | Uint8Array} data
   */
  append(trace, data) {
    const known = this.places.length;
    if (!this.searches[trace].append(data)) return;
    if (this.places.length > known) this._lay(true);
    this._grown();
    // Live never moves a slider that somebody holds.
    if (this.live && !this._held) this._go(this.last, this.last === this.iteration + 1);
    else this._go(this.iteration, false);
  }

  /** @param {number} trace */
  finish(trace) {
    this.searches[trace].finished = true;
    if (this.searches.some((search) => !search.finished)) return;
    const wasLive = this.live;
    this.setLive(false);
    this.frame.toolbar.live.hidden = true;
    this._lay(true);
    this._grown();
    if (!this._steered) this.fit();
    if (wasLive) this._say(`The search has ended after ${this.last + 1} iterations${this._search.solvedAt >= 0 ? ', with a proof' : ''}.`);
  }

  _grown() {
    this.parting = firstParting(this.searches);
    this.proofs = this.searches.map((search) => search.proof());
    this.frame.ribbon.show(this.searches, this.active, this.palette, this.parting);
    this.frame.reasons.replaceChildren(...reasonLegend(this.searches));
    for (const pane of this.frame.panes) pane.map.forget();
    if (this.awaited !== null) {
      const item = this.places.find(this.awaited);
      if (item >= 0) {
        this.awaited = null;
        this.choose(item);
      }
    }
  }

  /**
   * Lays the tree out: for good when nothing follows, else so that what stands stays.
   *
   * @param {boolean} moves Whether it may be seen to move.
   */
  _lay(moves) {
    const whole = this.searches.every((search) => search.finished) || this.folded.size > 0;
    const layout = whole ? tidy(this.places, (item) => this.folded.has(item)) : this.growing.place(this.places);
    const anchor = this.chosen >= 0 ? this.chosen : 0;
    const before = this.glide.target.row[anchor] ?? 0;
    this.glide.aim(layout, this.places, moves && !prefersStillness() ? performance.now() : -1);
    if (this.chosen >= 0) this.camera.pan(0, this.camera.screenY(before) - this.camera.screenY(layout.row[anchor]));
    else if (!this._steered) this._outgrown();
    this._draw();
  }

  /** Looks from farther away when a tree that nobody looks around in has outgrown the view. */
  _outgrown() {
    const { camera } = this;
    const { rows, depth } = this.glide.target;
    if (camera.screenY(rows - 1) <= camera.height - 12 && camera.screenX(depth) <= camera.width - 40) return;
    const roomy = this.searches.every((search) => search.finished) ? 1 : 1.25;
    camera.fit({ ...this.glide.target, rows: rows * roomy });
  }

  // -- view -----------------------------------------------------------------------------------------------------------

  fit() {
    this.camera.fit(this.glide.target);
    this._steered = false;
    this._draw();
  }

  /** @param {number} factor */
  zoom(factor) {
    const { camera } = this;
    const item = this.chosen;
    const [x, y] = item < 0 ? [camera.width / 2, camera.height / 2] : [camera.screenX(this.places.depth[item]), camera.screenY(this.glide.target.row[item])];
    camera.zoom(factor, x, y);
    this.steer();
  }

  /** The camera was moved by hand. */
  steer() {
    this._steered = true;
    this._draw();
  }

  /**
   * @param {number} item −1: none.
   * @param {number} [pane] Where it was chosen.
   */
  choose(item, pane = this.active) {
    this.chosen = item;
    if (pane !== this.active && pane >= 0) {
      this.active = pane;
      this.frame.ribbon.show(this.searches, pane, this.palette, this.parting);
    }
    if (item >= 0) {
      for (let at = this.places.parent[item]; at >= 0; at = this.places.parent[at]) {
        if (this.folded.delete(at)) this._lay(true);
      }
      this._reveal(item);
    }
    this._outline(); // at once: the next key goes on from there
    this._changed();
  }

  _outline() {
    const search = this._search;
    this.frame.outline.show(search, Math.min(this.iteration, search.last), this.chosen);
  }

  /** @param {number} item */
  _reveal(item) {
    if (this.glide.target.shown[item]) this.camera.reveal(this.places.depth[item], this.glide.target.row[item]);
    this._draw();
  }

  /** @param {number} item */
  hover(item) {
    if (item === this.hovered) return;
    this.hovered = item;
    const node = item < 0 ? -1 : this._search.nodeOf(item);
    for (const pane of this.frame.panes) {
      pane.canvas.title = node < 0 ? '' : this._search.goal[node] || 'not visited yet';
      pane.canvas.classList.toggle('cv-over', item >= 0);
    }
    this._draw();
  }

  /** Shows one agent alone, or all again. @param {number} agent */
  watch(agent) {
    if (agent >= Math.max(...this.searches.map((search) => search.agents))) return;
    this.agent = this.agent === agent ? -1 : agent;
    this._say(this.agent < 0 ? 'All agents.' : `Agent ${agent} alone.`);
    this._draw();
  }

  /** @param {number} item */
  fold(item) {
    if (!this.folded.delete(item)) this.folded.add(item);
    this._lay(true);
  }

  foldDead() {
    this.deadFolded = !this.deadFolded;
    this.folded.clear();
    if (this.deadFolded) {
      for (let item = 0; item < this.places.length; item++) {
        if (this.places.isGoal(item) && this.searches.every((search) => search.nodeOf(item) < 0 || search.stateAt(search.nodeOf(item), search.last) === DEAD)) this.folded.add(item);
      }
    }
    this.frame.toolbar.fold.setAttribute('aria-pressed', String(this.deadFolded));
    this._lay(true);
    this.fit();
  }

  // -- drawing --------------------------------------------------------------------------------------------------------

  _changed() {
    this._draw();
    // Words follow a little later, and no more often: a screen reader could not keep up, nor could the reader.
    this._quiet ||= setTimeout(() => this._settled(), WORDS_MS);
  }

  _settled() {
    clearTimeout(this._quiet);
    this._quiet = 0;
    const search = this._search;
    showPanel(this.frame.panel, {
      search,
      iteration: this.iteration,
      item: this.chosen,
      onChoose: (item) => this.choose(item),
      onSeek: (iteration) => this.seek(iteration),
    });
    this._outline();
    const { iteration, goal, live } = this.where();
    this.onMove?.({ iteration, goal, live });
  }

  where() {
    const goal = this.chosen < 0 ? this.awaited : this.places.name(this.chosen);
    return { iteration: this.iteration, last: this.last, goal, live: this.live, parting: this.parting };
  }

  _draw() {
    this._frame ||= requestAnimationFrame((now) => this._paint(now));
  }

  /** @param {number} now */
  _paint(now) {
    this._frame = 0;
    const began = performance.now();
    this._tick(now);
    const moves = this.glide.step(now);
    const travel = Math.min(1, Math.max(0, now - this._travelFrom) / AGENT_MS);
    this.frame.panes.forEach((pane, index) => {
      if (!pane.measure()) return;
      const scene = this._scene(index, travel);
      pane.draw(scene);
      pane.map.draw(scene);
      this._caption(pane, index);
    });
    const took = performance.now() - began;
    for (const resolve of this._waiting.splice(0)) resolve(took);
    if (moves || travel < 1 || this._playing) this._draw();
  }

  /** @param {number} now */
  _tick(now) {
    if (!this._playing) return;
    const steps = Math.floor((now - this._playing) / (1000 / PLAYS));
    if (steps < 1) return;
    this._playing = now;
    if (this.iteration + 1 > this.last) this.play();
    else this.seek(this.iteration + 1);
  }

  /**
   * @param {number} index
   * @param {number} travel
   * @returns {Scene}
   */
  _scene(index, travel) {
    const search = this.searches[index];
    const iteration = Math.min(this.iteration, Math.max(0, search.last));
    const compared = this.searches.length > 1;
    return {
      search,
      layout: this.glide.layout,
      camera: this.camera,
      palette: this.palette,
      iteration,
      chosen: this.chosen,
      hovered: this.hovered,
      folded: this.folded,
      differs: compared ? (item) => differsAt(this.searches, item, this.iteration) : () => false,
      proof: this.proofs[index],
      agent: this.agent,
      travel,
    };
  }

  /** @param {Pane} pane @param {number} index */
  _caption(pane, index) {
    const search = this.searches[index];
    pane.name.textContent = search.label;
    pane.facts.textContent = standing(search, this.iteration);
    pane.element.classList.toggle('cv-active', this.searches.length > 1 && index === this.active);
  }

  /** @returns {Promise<number>} */
  drawn() {
    this._draw();
    return new Promise((resolve) => this._waiting.push(resolve));
  }

  /** The page gives it another size. */
  resized() {
    if (this.frame.panes[0].measure() && !this._steered) this.camera.fit(this.glide.target);
    this.frame.ribbon.draw();
    for (const pane of this.frame.panes) pane.map.forget();
    this._draw();
  }

  _colours() {
    this.palette = paletteOf(this.frame.root);
    this._grown();
    this._draw();
  }

  /** @param {boolean} held Whether somebody holds the slider: then *live* does not move it. */
  hold(held) {
    this._held = held;
  }

  /** @param {string} text */
  _say(text) {
    this.frame.said.textContent = text;
    clearTimeout(this._saying);
    this._saying = setTimeout(() => (this.frame.said.textContent = ''), SAID_MS);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const act = keyOf(event, this);
    if (!act) return;
    event.preventDefault();
    act();
  }

  destroy() {
    cancelAnimationFrame(this._frame);
    clearTimeout(this._quiet);
    clearTimeout(this._saying);
    this.frame.stop();
    this._dark.removeEventListener('change', this._recolour);
    this.frame.root.remove();
  }
}

/**
 * How a search stands at an iteration, in a few words.
 *
 * @param {Search} search
 * @param {number} iteration
 */
function standing(search, iteration) {
  if (!search.length) return search.finished ? 'no trace' : 'not begun yet';
  const solved = search.solvedAt >= 0 && search.solvedAt <= iteration;
  const ended = iteration > search.last && search.finished ? ` · ended at ${search.last}` : '';
  return `${solved ? `proof at ${search.solvedAt}` : 'no proof yet'}${ended}`;
}
