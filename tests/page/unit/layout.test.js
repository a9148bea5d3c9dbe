import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draws, load } from './page.js';

const { Places } = await load('places');
const { Growing, tidy } = await load('layout');
const { Camera, planeX, ROW } = await load('camera');

/** A random tree that grows by one tactic with subgoals at a time. */
function* growth(seed, steps) {
  const draw = draws(seed);
  const places = new Places();
  const goals = [0];
  for (let step = 0; step < steps; step++) {
    // Squared, so that some trees are deep and others broad.
    const goal = goals[Math.floor(draw() ** (seed % 3 ? 1 : 3) * goals.length)];
    const tactic = places.tacticAt(goal, `t${step}`);
    const below = Math.floor(draw() * 4);
    for (let number = 0; number < below; number++) goals.push(places.subgoal(tactic, number));
    yield places;
  }
}

function grown(seed, steps) {
  let last = new Places();
  for (const places of growth(seed, steps)) last = places;
  return last;
}

/** No two of one depth nearer than a row, children in order, parents between their children. */
function check(places, layout, { between = true } = {}) {
  const byDepth = new Map();
  for (let item = 0; item < places.length; item++) {
    if (!layout.shown[item]) continue;
    const rows = byDepth.get(places.depth[item]) ?? [];
    rows.push(layout.row[item]);
    byDepth.set(places.depth[item], rows);
    assert.ok(layout.row[item] >= -1e-3 && layout.row[item] <= layout.rows - 1 + 1e-3);
    const below = places.children[item].filter((child) => layout.shown[child]);
    for (let index = 1; index < below.length; index++) assert.ok(layout.row[below[index]] > layout.row[below[index - 1]]);
    if (between && below.length) assert.ok(Math.abs(layout.row[item] - (layout.row[below[0]] + layout.row[below.at(-1)]) / 2) < 1e-2);
  }
  for (const rows of byDepth.values()) {
    rows.sort((one, other) => one - other);
    for (let index = 1; index < rows.length; index++) assert.ok(rows[index] - rows[index - 1] >= 1 - 1e-2, `${rows[index - 1]} ${rows[index]}`);
  }
}

test('a tidy tree overlaps nowhere, keeps its order, and has parents in the middle', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const places = grown(seed, 1 + seed * 3);
    check(places, tidy(places));
  }
});

test('a tidy tree is no broader than its leaves side by side, and a chain is one row', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const places = grown(seed, 80);
    const leaves = places.children.filter((below) => !below.length).length;
    assert.ok(tidy(places).rows <= leaves * 1.35 + 1);
  }
  const chain = new Places();
  for (let depth = 0, goal = 0; depth < 5000; depth++) goal = chain.subgoal(chain.tacticAt(goal, 'go'), 0);
  assert.equal(tidy(chain).rows, 1);
  assert.equal(tidy(chain).depth, 10000);
});

test('what is folded is not shown and takes no room', () => {
  const places = grown(7, 60);
  const folded = (item) => item === places.children[0][0];
  const layout = tidy(places, folded);
  check(places, layout);
  for (let item = 1; item < places.length; item++) {
    let inside = false;
    for (let above = places.parent[item]; above >= 0; above = places.parent[above]) inside ||= folded(above);
    assert.equal(Boolean(layout.shown[item]), !inside);
  }
});

/** Rows without slack: each leaf the next one. */
function exact(places) {
  const row = new Float32Array(places.length);
  const leaves = new Int32Array(places.length);
  for (let item = places.length - 1; item >= 0; item--) {
    leaves[item] ||= 1;
    if (item) leaves[places.parent[item]] += leaves[item];
  }
  for (let item = 0; item < places.length; item++) {
    let next = row[item];
    for (const child of places.children[item]) {
      row[child] = next;
      next += leaves[child];
    }
  }
  return { row, rows: leaves[0] };
}

test('a growing tree overlaps nowhere, nothing in it ever moves up, and slack saves most of the moves', () => {
  let [moves, without] = [0, 0];
  for (let seed = 1; seed <= 20; seed++) {
    const growing = new Growing();
    let [before, beforeExact] = [new Float32Array(0), new Float32Array(0)];
    for (const places of growth(seed, 150)) {
      const layout = growing.place(places);
      const tight = exact(places);
      before.forEach((row, item) => {
        assert.ok(layout.row[item] >= row, 'an item moved up');
        if (layout.row[item] > row) moves++;
        if (tight.row[item] > beforeExact[item]) without++;
      });
      [before, beforeExact] = [layout.row, tight.row];
      check(places, layout, { between: false });
      assert.ok(layout.rows <= tight.rows * 3 + 2);
    }
  }
  assert.ok(moves < without / 2, `${moves} moves, and ${without} without slack`);
});

test('zooming keeps the place under the pointer, at the ends of the scale too', () => {
  const camera = new Camera();
  camera.resize(800, 600);
  const draw = draws(5);
  for (let round = 0; round < 200; round++) {
    const [x, y] = [draw() * 800, draw() * 600];
    const [placeX, row] = [(x - camera.x) / camera.scaleX, camera.rowAt(y)];
    camera.zoom(Math.exp(draw() * 4 - 2), x, y);
    assert.ok(Math.abs(placeX * camera.scaleX + camera.x - x) < 1e-3 && Math.abs(camera.screenY(row) - y) < 1e-3);
  }
});

test('fitting shows all of it, no larger than life', () => {
  for (const [depth, rows] of [[0, 1], [4, 3], [60, 40000], [8, 500]]) {
    const camera = new Camera();
    camera.resize(900, 500);
    camera.fit({ depth, rows });
    assert.ok(camera.scaleX <= 1 && camera.scaleY <= 1);
    assert.ok(camera.screenY(0) >= 0 && camera.screenY(rows - 1) <= 500);
    if (depth < 60) assert.ok(camera.screenX(depth) <= 900);
  }
  assert.ok(planeX(2) > planeX(1) && planeX(1) > planeX(0) && ROW > 0);
});
