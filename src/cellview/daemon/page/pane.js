/**
 * One arm's canvas with its map, and what pointers do on it. All panes of a viewer share one camera.
 *
 * @module
 */

import { make } from './dom.js';
import { Minimap } from './minimap.js';
import { hit, paint } from './paint.js';

/** @import { Camera } from './camera.js' */
/** @import { Scene } from './paint.js' */

/**
 * @typedef {object} Doing What a pane tells its viewer.
 * @property {(item: number) => void} onChoose −1: nothing was there.
 * @property {(item: number) => void} onHover
 * @property {(item: number) => void} onFold
 * @property {() => void} onMove The camera was moved by hand.
 */

const CLICK = 5;
const FINGER = 22;

export class Pane {
  /**
   * @param {Camera} camera
   * @param {Doing} doing
   */
  constructor(camera, doing) {
    this.camera = camera;
    this.doing = doing;
    this.canvas = make('canvas', { 'aria-hidden': 'true', class: 'cv-canvas' });
    this.mapCanvas = make('canvas', { 'aria-hidden': 'true', class: 'cv-map' });
    this.map = new Minimap(this.mapCanvas);
    this.name = make('strong');
    this.facts = make('span');
    this.caption = make('header', { class: 'cv-caption' }, [this.name, this.facts]);
    this.element = make('section', { class: 'cv-pane' }, [this.canvas, this.caption, this.mapCanvas]);
    /** @type {Scene | null} */
    this.scene = null;
    /** @type {Map<number, {x: number, y: number}>} */
    this._pointers = new Map();
    this._moved = 0;
    this._listen();
  }

  /** Takes the size that the page gives it. @returns {boolean} Whether there is one. */
  measure() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width || !height) return false;
    const ratio = devicePixelRatio || 1;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== wide || this.canvas.height !== high) [this.canvas.width, this.canvas.height] = [wide, high];
    this.camera.resize(width, height);
    return true;
  }

  /** @param {Scene} scene */
  draw(scene) {
    this.scene = scene;
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d', { alpha: false }));
    const ratio = this.canvas.width / Math.max(1, this.canvas.clientWidth);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    paint(context, scene);
  }

  _listen() {
    const { canvas } = this;
    canvas.addEventListener('wheel', (event) => this._wheel(event), { passive: false });
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      this._pointers.set(event.pointerId, this._at(event));
      if (this._pointers.size === 1) this._moved = 0;
    });
    canvas.addEventListener('pointermove', (event) => this._pointerMove(event));
    canvas.addEventListener('pointerup', (event) => {
      if (this._pointers.delete(event.pointerId) && this._moved <= CLICK) this.doing.onChoose(this._hit(event));
    });
    canvas.addEventListener('pointercancel', (event) => this._pointers.delete(event.pointerId));
    canvas.addEventListener('pointerleave', () => this.doing.onHover(-1));
    canvas.addEventListener('dblclick', (event) => {
      const item = this._hit(event);
      if (item >= 0) this.doing.onFold(item);
    });
    const aim = (/** @type {PointerEvent} */ event) => {
      if (!this.scene || !(event.buttons & 1)) return;
      this.map.aim(this.scene, event.offsetX, event.offsetY);
      this.doing.onMove();
    };
    this.mapCanvas.addEventListener('pointerdown', aim);
    this.mapCanvas.addEventListener('pointermove', aim);
  }

  /** @param {MouseEvent} event */
  _at(event) {
    const box = this.canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  /** @param {MouseEvent} event */
  _hit(event) {
    if (!this.scene) return -1;
    const { x, y } = this._at(event);
    const finger = /** @type {PointerEvent} */ (event).pointerType === 'touch';
    return hit(this.scene, x, y, finger ? FINGER : undefined);
  }

  /** @param {WheelEvent} event */
  _wheel(event) {
    event.preventDefault();
    const { x, y } = this._at(event);
    if (event.shiftKey) this.camera.pan(-event.deltaY - event.deltaX, 0);
    // A trackpad's pinch comes as a wheel with the control key, in finer steps.
    else this.camera.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), x, y);
    this.doing.onMove();
  }

  /** @param {PointerEvent} event */
  _pointerMove(event) {
    const last = this._pointers.get(event.pointerId);
    const now = this._at(event);
    if (!last) {
      if (event.pointerType !== 'touch') this.doing.onHover(this._hit(event));
      return;
    }
    const other = [...this._pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) this._pinch(last, now, other);
    else this.camera.pan(now.x - last.x, now.y - last.y);
    this._moved += Math.abs(now.x - last.x) + Math.abs(now.y - last.y);
    this._pointers.set(event.pointerId, now);
    if (this._moved > CLICK) this.doing.onMove();
  }

  /**
   * @param {{x: number, y: number}} last
   * @param {{x: number, y: number}} now
   * @param {{x: number, y: number}} other The finger that rests.
   */
  _pinch(last, now, other) {
    const before = Math.max(1, Math.hypot(last.x - other.x, last.y - other.y));
    const after = Math.max(1, Math.hypot(now.x - other.x, now.y - other.y));
    this.camera.pan((now.x - last.x) / 2, (now.y - last.y) / 2);
    this.camera.zoom(after / before, (now.x + other.x) / 2, (now.y + other.y) / 2);
  }
}
