/**
 * The whole tree in a corner, and what of it is in view.
 *
 * @module
 */

import { planeX, ROW } from './camera.js';
import { Crowd } from './crowd.js';
import { colourOf } from './shapes.js';
import { ABSENT, FRESH } from './states.js';

/** @import { Scene } from './paint.js' */

const MARGIN = 5;

export class Minimap {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    /** The dots, which change with the iteration and not with the camera. @type {HTMLCanvasElement | null} */
    this._dots = null;
    this._of = '';
  }

  /** Forgets the dots: data or colours have changed. */
  forget() {
    this._of = '';
  }

  /** @param {Scene} scene */
  draw(scene) {
    const { canvas } = this;
    const ratio = devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const idle = inView(scene);
    canvas.classList.toggle('cv-map-idle', idle);
    if (!width || !height || idle) return;
    if (canvas.width !== Math.round(width * ratio)) {
      [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
      this._of = '';
    }
    const wanted = `${scene.iteration} ${scene.layout.rows} ${scene.search.nodes}`;
    if (this._of !== wanted) {
      this._dots ??= document.createElement('canvas');
      [this._dots.width, this._dots.height] = [canvas.width, canvas.height];
      const dots = /** @type {CanvasRenderingContext2D} */ (this._dots.getContext('2d'));
      dots.scale(ratio, ratio);
      this._scatter(dots, scene, width, height);
      this._of = wanted;
    }
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(/** @type {HTMLCanvasElement} */ (this._dots), 0, 0);
    context.scale(ratio, ratio);
    this._frame(context, scene, width, height);
  }

  /**
   * Moves the camera so that a pixel of the map is in the middle of the view.
   *
   * @param {Scene} scene
   * @param {number} x
   * @param {number} y
   */
  aim({ camera, layout }, x, y) {
    const [width, height] = [this.canvas.clientWidth - 2 * MARGIN, this.canvas.clientHeight - 2 * MARGIN];
    camera.x = camera.width / 2 - ((x - MARGIN) / width) * planeX(layout.depth) * camera.scaleX;
    camera.y = camera.height / 2 - ((y - MARGIN) / height) * (layout.rows - 1) * ROW * camera.scaleY;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Scene} scene
   * @param {number} width
   * @param {number} height
   */
  _scatter(context, { search, layout, palette, iteration }, width, height) {
    const { depth } = search.places;
    const [across, down] = [(width - 2 * MARGIN) / Math.max(1, planeX(layout.depth)), (height - 2 * MARGIN) / Math.max(1, layout.rows - 1)];
    /** @type {number[][]} */
    const byState = [[], [], [], [], [], []];
    const crowd = new Crowd(layout.depth, height);
    for (let node = 0; node < search.nodes; node++) {
      const item = search.item.at(node);
      const state = layout.shown[item] ? search.stateAt(node, iteration) : ABSENT;
      if (state !== ABSENT && crowd.isNew(depth[item], layout.row[item] * down, state)) byState[state].push(item);
    }
    byState.forEach((items, state) => {
      context.fillStyle = state === FRESH ? palette.open : colourOf(state, palette);
      for (const item of items) {
        context.fillRect(MARGIN + planeX(depth[item]) * across - 1, MARGIN + layout.row[item] * down - 0.75, 2.5, 1.5);
      }
    });
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Scene} scene
   * @param {number} width
   * @param {number} height
   */
  _frame(context, { camera, layout, palette }, width, height) {
    const [wide, high] = [Math.max(1, planeX(layout.depth)) * camera.scaleX, Math.max(1, layout.rows - 1) * ROW * camera.scaleY];
    const [inWide, inHigh] = [width - 2 * MARGIN, height - 2 * MARGIN];
    const left = MARGIN + (-camera.x / wide) * inWide;
    const top = MARGIN + (-camera.y / high) * inHigh;
    context.strokeStyle = palette.ink;
    context.lineWidth = 1;
    context.strokeRect(
      Math.max(0.5, left), Math.max(0.5, top),
      Math.min(width - 1, left + (camera.width / wide) * inWide) - Math.max(0.5, left),
      Math.min(height - 1, top + (camera.height / high) * inHigh) - Math.max(0.5, top),
    );
  }
}

/**
 * Whether all of the tree is seen anyway.
 *
 * @param {Scene} scene
 */
function inView({ camera, layout }) {
  return (
    camera.x >= 0 && camera.y >= 0 && camera.screenX(layout.depth) <= camera.width && camera.screenY(layout.rows - 1) <= camera.height
  );
}
