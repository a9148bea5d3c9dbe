/**
 * Draws a search at an iteration on a canvas.
 *
 * What is not in view is left out; what looks alike is drawn together, in paths of some 64 segments: a canvas is quick with
 * many short paths and slow with one that is long. How much is drawn depends on the pixels that a row has: names, shapes, or
 * dots.
 *
 * @module
 */

import { planeX, ROW } from './camera.js';
import { Crowd } from './crowd.js';
import { isCurved, lineTo, paintAgents, paintReroutes, paintWay } from './marks.js';
import { drawShape } from './shapes.js';
import { ABSENT, BLOCKED, DEAD, DELAYED, FRESH, OPEN, SOLVED } from './states.js';

/** @import { Camera } from './camera.js' */
/** @import { Layout } from './layout.js' */
/** @import { Palette } from './palette.js' */
/** @import { Search } from './search.js' */

/**
 * @typedef {object} Scene What there is to draw.
 * @property {Search} search
 * @property {Layout} layout
 * @property {Camera} camera
 * @property {Palette} palette
 * @property {number} iteration
 * @property {number} chosen Item; −1: none.
 * @property {number} hovered Item; −1: none.
 * @property {Set<number>} folded Items.
 * @property {(item: number) => boolean} differs Whether it is another in the other arms.
 * @property {Set<number>} proof Nodes.
 * @property {number} agent The one agent that is looked at; −1: all.
 * @property {number} travel Which part of its way an agent has come, 0 to 1, when it moves.
 */

const SEGMENTS = 64;
const FONT = '12px ui-sans-serif, system-ui, "Segoe UI", Roboto, sans-serif';
const TACTIC_FONT = '11.5px ui-monospace, "SF Mono", "DejaVu Sans Mono", Menlo, monospace';

/** Pixels of a row from which on goals have shapes, and names. */
const SHAPES_FROM = 6;
const NAMES_FROM = 24;

/**
 * @param {CanvasRenderingContext2D} context Scaled so that a unit is a CSS pixel.
 * @param {Scene} scene
 */
export function paint(context, scene) {
  const { camera, palette } = scene;
  context.fillStyle = palette.paper;
  context.fillRect(0, 0, camera.width, camera.height);
  const seen = look(scene);
  paintLinks(context, scene, seen);
  paintWay(context, scene);
  paintGoals(context, scene, seen);
  if (seen.pixels >= SHAPES_FROM) paintBars(context, scene, seen);
  if (seen.pixels >= NAMES_FROM && camera.scaleX > 0.45) paintNames(context, scene, seen);
  paintFolds(context, scene, seen);
  paintAgents(context, scene, radius(scene.camera));
  paintReroutes(context, scene);
  paintChosen(context, scene);
}

/** @param {Camera} camera @returns {number} Of a goal's mark, in pixels. */
export function radius(camera) {
  return Math.min(7.5, Math.max(2.6, ROW * camera.scaleY * 0.24));
}

/**
 * Of a goal that was never tried, when rows are narrow: there are many of them, side by side.
 *
 * @param {number} pixels Of a row.
 */
function freshRadius(pixels) {
  return Math.max(1.5, Math.min(2.6, pixels * 0.4));
}

/**
 * @typedef {object} Seen
 * @property {number} pixels Of a row.
 * @property {number[][]} goals By state: items.
 * @property {number[]} bars Items.
 * @property {number[][]} links By kind: items that hang on a line.
 * @property {Float32Array} x By depth.
 */

/** Kinds of lines: nobody needs it any more, plain, of the proof. */
const GONE = 0;
const PLAIN = 1;
const PROOF = 2;
const LINK_KINDS = 3;

/**
 * Sorts out what is in view.
 *
 * @param {Scene} scene
 * @returns {Seen}
 */
function look({ search, layout, camera, iteration, proof }) {
  const { row, shown, depth } = layout;
  const { parent, depth: depths } = search.places;
  const x = new Float32Array(depth + 1);
  for (let at = 0; at <= depth; at++) x[at] = camera.screenX(at);
  const above = camera.rowAt(-20);
  const below = camera.rowAt(camera.height + 20);
  /** @type {number[][]} */
  const goals = [[], [], [], [], [], []];
  /** @type {number[]} */
  const bars = [];
  /** @type {number[][]} */
  const links = [[], [], []];
  const crowd = ROW * camera.scaleY < 1 ? new Crowd(depth, camera.height) : null;
  for (let item = 0; item < row.length; item++) {
    if (!shown[item]) continue;
    const at = row[item];
    const from = item ? row[parent[item]] : at;
    if ((at < above && from < above) || (at > below && from > below)) continue;
    const right = x[depths[item]];
    if (right < -240 || (item ? x[depths[parent[item]]] : right) > camera.width + 20) continue;
    const inside = at >= above && at <= below && right > -20;
    if (depths[item] % 2) {
      const edge = search.edgeOf(item);
      if (edge < 0 || search.edgeBorn.at(edge) > iteration) continue;
      const kind = kindOfEdge(search, edge, iteration, proof);
      if (!crowd || crowd.isNew(depths[item], camera.screenY(at), kind)) links[kind].push(item);
      if (inside && !crowd) bars.push(item);
    } else {
      const node = search.nodeOf(item);
      if (node < 0) continue;
      const state = search.stateAt(node, iteration);
      if (state === ABSENT) continue;
      const y = camera.screenY(at);
      if (item) {
        const kind = proof.has(node) && search.solvedAt <= iteration ? PROOF : search.isClosed(node, iteration) ? GONE : PLAIN;
        // In a crowd, goals that nobody tried are the most and say the least: their dots do.
        if (!crowd || (state !== FRESH && crowd.isNew(depths[item], y, kind))) links[kind].push(item);
      }
      if (inside && (!crowd || crowd.isNew(depths[item], y, LINK_KINDS + state))) goals[state].push(item);
    }
  }
  return { pixels: ROW * camera.scaleY, goals, bars, links, x };
}

/**
 * @param {Search} search
 * @param {number} edge
 * @param {number} iteration
 * @param {Set<number>} proof
 */
function kindOfEdge(search, edge, iteration, proof) {
  const node = search.edgeNode.at(edge);
  if (search.solution[node] === edge && proof.has(node) && search.solvedAt <= iteration) return PROOF;
  return search.edgeDied.at(edge) <= iteration || search.isClosed(node, iteration) ? GONE : PLAIN;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {Seen} seen
 */
function paintLinks(context, { search, layout, camera, palette }, seen) {
  const { parent, depth } = search.places;
  const curved = isCurved(camera);
  const dense = seen.pixels < 2;
  const styles = [
    [palette.faint, dense ? 0.6 : 1],
    [palette.line, dense ? 0.7 : 1.25],
    [palette.solved, dense ? 2 : 4],
  ];
  for (const kind of [GONE, PLAIN, PROOF]) {
    [context.strokeStyle, context.lineWidth] = /** @type {[string, number]} */ (styles[kind]);
    let segments = 0;
    context.beginPath();
    for (const item of seen.links[kind]) {
      const above = parent[item];
      const fromX = seen.x[depth[above]];
      const toX = seen.x[depth[item]];
      const fromY = camera.screenY(layout.row[above]);
      const toY = camera.screenY(layout.row[item]);
      context.moveTo(fromX, fromY);
      if (curved) lineTo(context, fromX, fromY, toX, toY, depth[item]);
      else context.lineTo(toX, toY);
      if (++segments === SEGMENTS) {
        context.stroke();
        context.beginPath();
        segments = 0;
      }
    }
    context.stroke();
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {Seen} seen
 */
function paintGoals(context, scene, seen) {
  const { layout, camera, palette, search, iteration } = scene;
  const size = radius(camera);
  const { depth } = search.places;
  for (const state of [FRESH, OPEN, DEAD, DELAYED, BLOCKED, SOLVED]) {
    if (state === FRESH && seen.pixels < SHAPES_FROM) {
      paintDots(context, scene, seen);
      continue;
    }
    let segments = 0;
    drawShape(context, state, palette, size, 'begin');
    for (const item of seen.goals[state]) {
      drawShape(context, state, palette, size, 'add', seen.x[depth[item]], camera.screenY(layout.row[item]));
      if (++segments === SEGMENTS) {
        drawShape(context, state, palette, size, 'end');
        drawShape(context, state, palette, size, 'begin');
        segments = 0;
      }
    }
    drawShape(context, state, palette, size, 'end');
  }
  paintDifferences(context, scene, seen, size);
  context.strokeStyle = palette.flight;
  context.lineWidth = 2;
  for (const { node } of search.inflightAt(iteration)) {
    const item = search.item.at(node);
    if (!layout.shown[item]) continue;
    context.beginPath();
    context.arc(camera.screenX(depth[item]), camera.screenY(layout.row[item]), size + 3.5, 0, 2 * Math.PI);
    context.stroke();
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {Seen} seen
 */
function paintDots(context, { layout, camera, palette, search }, seen) {
  const size = freshRadius(seen.pixels);
  context.fillStyle = palette.line;
  for (const item of seen.goals[FRESH]) {
    context.fillRect(seen.x[search.places.depth[item]] - size, camera.screenY(layout.row[item]) - size, 2 * size, 2 * size);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {Seen} seen
 * @param {number} size
 */
function paintDifferences(context, { differs, camera, layout, palette, search }, seen, size) {
  context.strokeStyle = palette.differs;
  context.lineWidth = seen.pixels < SHAPES_FROM ? 1 : 2;
  const reach = size + 3.5;
  context.beginPath();
  for (const items of seen.goals) {
    for (const item of items) {
      if (differs(item)) {
        const [x, y] = [seen.x[search.places.depth[item]], camera.screenY(layout.row[item])];
        context.rect(x - reach, y - reach, 2 * reach, 2 * reach);
      }
    }
  }
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {Seen} seen
 */
function paintBars(context, { search, layout, camera, palette, iteration, proof }, seen) {
  const half = Math.min(8, seen.pixels * 0.24);
  const colours = [palette.faint, palette.muted, palette.solved];
  for (const item of seen.bars) {
    const edge = search.edgeOf(item);
    const kind = kindOfEdge(search, edge, iteration, proof);
    const solves = search.edgeStateAt(edge, iteration) === SOLVED;
    context.fillStyle = solves ? palette.solved : colours[kind];
    const [x, y] = [seen.x[search.places.depth[item]], camera.screenY(layout.row[item])];
    context.fillRect(x - 2, y - half, 4, 2 * half);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {Seen} seen
 */
function paintNames(context, { search, layout, camera, palette, iteration, proof }, seen) {
  const { depth, tactic } = search.places;
  context.lineJoin = 'round';
  context.lineWidth = 3;
  context.strokeStyle = palette.paper;
  context.textBaseline = 'alphabetic';
  context.font = TACTIC_FONT;
  context.textAlign = 'right';
  const room = (planeX(1) - planeX(0)) * camera.scaleX * 0.7;
  for (const item of seen.bars) {
    const edge = search.edgeOf(item);
    const kind = kindOfEdge(search, edge, iteration, proof);
    context.fillStyle = kind === PROOF ? palette.ink : palette.muted;
    write(context, clip(tactic[item], room, 7), seen.x[depth[item]] - 7, camera.screenY(layout.row[item]) - 6);
  }
  if (seen.pixels < 30) return;
  context.font = FONT;
  context.textAlign = 'left';
  const wide = planeX(2) * camera.scaleX - 18;
  const narrow = planeX(1) * camera.scaleX * 0.34 + 8;
  for (const items of seen.goals) {
    for (const item of items) {
      const node = search.nodeOf(item);
      const text = search.goal[node];
      if (!text || search.visits[node][0] > search.rowAt(iteration)) continue;
      context.fillStyle = search.isClosed(node, iteration) && !proof.has(node) ? palette.muted : palette.ink;
      const room = isUnderLine(search, item, layout, iteration) ? narrow : wide;
      write(context, clip(text, room, 6.6), seen.x[depth[item]] - 6, camera.screenY(layout.row[item]) + 20);
    }
  }
}

/**
 * Whether the line of one of its tactics runs where a goal's name would stand.
 *
 * @param {Search} search
 * @param {number} item
 * @param {Layout} layout
 * @param {number} iteration
 */
function isUnderLine(search, item, layout, iteration) {
  return search.places.children[item].some((child) => {
    const below = layout.row[child] - layout.row[item];
    const edge = search.edgeOf(child);
    return below > 0.2 && below < 0.95 && edge >= 0 && search.edgeBorn.at(edge) <= iteration;
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} x
 * @param {number} y
 */
function write(context, text, x, y) {
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}

/**
 * Cuts a text by the mean width of its letters: measuring each costs more than drawing it.
 *
 * @param {string} text
 * @param {number} room
 * @param {number} letter
 */
function clip(text, room, letter) {
  const most = Math.max(3, Math.floor(room / letter));
  const line = text.includes('\n') ? text.replace(/\s*\n\s*/g, ' ') : text;
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {Seen} seen
 */
function paintFolds(context, { search, layout, camera, palette, folded, iteration }, seen) {
  if (!folded.size) return;
  const { depth } = search.places;
  context.font = FONT;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.fillStyle = palette.muted;
  for (const items of seen.goals) {
    for (const item of items) {
      if (!folded.has(item)) continue;
      const below = goalsBelow(search, search.nodeOf(item), iteration);
      if (below && seen.pixels > 10) context.fillText(`+${below}`, seen.x[depth[item]] + 12, camera.screenY(layout.row[item]));
    }
  }
}

/**
 * @param {Search} search
 * @param {number} top
 * @param {number} iteration
 */
function goalsBelow(search, top, iteration) {
  let count = -1;
  const stack = [top];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (search.born.at(node) > iteration) continue;
    count++;
    for (const edge of search.edges[node]) stack.push(...search.subgoals[edge]);
  }
  return count;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 */
function paintChosen(context, { search, layout, camera, palette, chosen, hovered }) {
  const size = radius(camera);
  for (const [item, width] of [[hovered, 1.5], [chosen, 2.5]]) {
    if (item < 0 || !layout.shown[item]) continue;
    context.strokeStyle = palette.ink;
    context.lineWidth = width;
    context.beginPath();
    context.arc(camera.screenX(search.places.depth[item]), camera.screenY(layout.row[item]), size + 5, 0, 2 * Math.PI);
    context.stroke();
  }
}

/**
 * The goal at a pixel.
 *
 * @param {Scene} scene
 * @param {number} x
 * @param {number} y
 * @param {number} [reach] How far from it a finger or pointer may be, in pixels.
 * @returns {number} Its item; −1: none.
 */
export function hit({ search, layout, camera, iteration }, x, y, reach = 14) {
  const { row, shown } = layout;
  const { depth } = search.places;
  let [best, nearest] = [-1, reach * reach];
  for (let item = 0; item < row.length; item++) {
    if (depth[item] % 2 || !shown[item]) continue;
    const dx = camera.screenX(depth[item]) - x;
    const dy = camera.screenY(row[item]) - y;
    const distance = dx * dx + dy * dy;
    if (distance >= nearest) continue;
    const node = search.nodeOf(item);
    if (node >= 0 && search.born.at(node) <= iteration) [best, nearest] = [item, distance];
  }
  return best;
}
