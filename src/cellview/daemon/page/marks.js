/**
 * What moves on the tree: agents, where they were last; the way of the last iteration; and reroutes, past the goals that
 * were skipped.
 *
 * @module
 */

import { ROW } from './camera.js';

/** @import { Camera } from './camera.js' */
/** @import { Scene } from './paint.js' */

const FONT = '600 10px ui-sans-serif, system-ui, "Segoe UI", Roboto, sans-serif';
const MARK = 8;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {number} size Radius of a goal's mark.
 */
export function paintAgents(context, scene, size) {
  const { search, palette, iteration, agent: only } = scene;
  /** @type {Map<number, number>} */
  const stacked = new Map();
  const now = search.rowAt(iteration);
  context.font = FONT;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (const { agent, node, row } of search.agentsAt(iteration)) {
    if (only >= 0 && agent !== only) continue;
    const item = shownAbove(scene, search.item.at(node));
    const place = stacked.get(item) ?? 0;
    stacked.set(item, place + 1);
    const moving = row === now && scene.travel < 1;
    const [x, y] = moving ? onTheWay(scene, agent, row) : at(scene, item);
    const [markX, markY] = [x - size * 0.4 + place * (2 * MARK - 1), y - size - MARK - 1];
    context.beginPath();
    context.arc(markX, markY, MARK, 0, 2 * Math.PI);
    context.fillStyle = palette.agent;
    context.fill();
    context.lineWidth = row === now ? 2.5 : 1.5;
    context.strokeStyle = row === now ? palette.ink : palette.paper;
    context.stroke();
    context.fillStyle = palette['agent-ink'];
    context.fillText(String(agent), markX, markY + 0.5);
  }
}

/**
 * Arrows from each goal that was skipped at this iteration to where its agent went next.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 */
export function paintReroutes(context, scene) {
  const { search, iteration, palette } = scene;
  const row = search.rowAt(iteration);
  const skipped = search.skipped.get(row);
  if (!skipped) return;
  const stations = [...skipped, search.node.at(row)].map((node) => at(scene, shownAbove(scene, search.item.at(node))));
  context.strokeStyle = palette.differs;
  context.fillStyle = palette.differs;
  context.lineWidth = 2;
  context.setLineDash([6, 4]);
  for (let index = 1; index < stations.length; index++) arrow(context, stations[index - 1], stations[index]);
  context.setLineDash([]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {[number, number]} from
 * @param {[number, number]} to
 */
function arrow(context, [fromX, fromY], [toX, toY]) {
  const distance = Math.hypot(toX - fromX, toY - fromY);
  if (distance < 1) return;
  const bulge = Math.min(60, 18 + distance * 0.2);
  const [middleX, middleY] = [Math.max(fromX, toX) + bulge, (fromY + toY) / 2];
  const angle = Math.atan2(toY - middleY, toX - middleX);
  const [endX, endY] = [toX - 11 * Math.cos(angle), toY - 11 * Math.sin(angle)];
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.quadraticCurveTo(middleX, middleY, endX, endY);
  context.stroke();
  context.beginPath();
  context.moveTo(endX + 5 * Math.cos(angle), endY + 5 * Math.sin(angle));
  for (const side of [-0.5, 0.5]) context.lineTo(endX - 10 * Math.cos(angle + side), endY - 10 * Math.sin(angle + side));
  context.closePath();
  context.fill();
}

/**
 * The path of the last iteration.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 */
export function paintWay(context, scene) {
  const { search, iteration, palette } = scene;
  const row = search.rowAt(iteration);
  if (row < 0 || (scene.agent >= 0 && search.agent.at(row) !== scene.agent)) return;
  const points = wayTo(scene, search.item.at(search.node.at(row)));
  const curved = isCurved(scene.camera);
  context.strokeStyle = palette.agent;
  context.lineWidth = 2;
  context.lineJoin = 'round';
  context.beginPath();
  points.forEach(([x, y], index) => {
    if (!index) {
      context.moveTo(x, y);
      return;
    }
    const [lastX, lastY] = points[index - 1];
    if (curved) lineTo(context, lastX, lastY, x, y, index);
    else context.lineTo(x, y);
  });
  context.stroke();
}

/**
 * Points from the root to an item, goals and tactics in turn.
 *
 * @param {Scene} scene
 * @param {number} item
 * @returns {[number, number][]}
 */
function wayTo(scene, item) {
  /** @type {[number, number][]} */
  const points = [];
  for (let above = shownAbove(scene, item); above >= 0; above = scene.search.places.parent[above]) points.push(at(scene, above));
  return points.reverse();
}

/**
 * Where an agent is that has begun the way from its goal before to its goal now, up to where the two part and down again.
 *
 * @param {Scene} scene
 * @param {number} agent
 * @param {number} row
 * @returns {[number, number]}
 */
function onTheWay(scene, agent, row) {
  const { search, travel } = scene;
  let before = row - 1;
  while (before >= 0 && search.agent.at(before) !== agent) before--;
  const to = wayTo(scene, search.item.at(search.node.at(row)));
  const from = before < 0 ? [to[0]] : wayTo(scene, search.item.at(search.node.at(before)));
  let common = 0;
  while (common < Math.min(from.length, to.length) && same(from[common], to[common])) common++;
  const stations = [...from.slice(Math.max(0, common - 1)).reverse(), ...to.slice(common)];
  const along = travel * (stations.length - 1);
  const [one, other] = [stations[Math.floor(along)], stations[Math.min(stations.length - 1, Math.floor(along) + 1)]];
  const part = along - Math.floor(along);
  return [one[0] + (other[0] - one[0]) * part, one[1] + (other[1] - one[1]) * part];
}

/** @param {[number, number]} one @param {[number, number]} other */
function same(one, other) {
  return one[0] === other[0] && one[1] === other[1];
}

/**
 * @param {Scene} scene
 * @param {number} item
 * @returns {[number, number]}
 */
function at({ search, layout, camera }, item) {
  return [camera.screenX(search.places.depth[item]), camera.screenY(layout.row[item])];
}

/**
 * The item itself, or the folded one that it is in.
 *
 * @param {Scene} scene
 * @param {number} item
 */
function shownAbove({ layout, search }, item) {
  while (!layout.shown[item]) item = search.places.parent[item];
  return item;
}

/** Whether lines are bent: where rows are narrower, nobody could tell, and bends cost more. @param {Camera} camera */
export function isCurved(camera) {
  return ROW * camera.scaleY > 0.6;
}

/**
 * Continues a path to an item. A tactic's line runs level before its bar, so that its name can stand on it.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number} fromX
 * @param {number} fromY
 * @param {number} x
 * @param {number} y
 * @param {number} depth Of the item that it leads to.
 */
export function lineTo(context, fromX, fromY, x, y, depth) {
  if (fromY !== y) {
    const bend = fromX + (x - fromX) * (depth % 2 ? 0.34 : 1);
    const middle = (fromX + bend) / 2;
    context.bezierCurveTo(middle, fromY, middle, y, bend, y);
    if (bend === x) return;
  }
  context.lineTo(x, y);
}
