import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draws, load } from './page.js';

const { Lines, TraceError, readLine } = await load('trace');
const { Column, lastNotAbove } = await load('column');

test('lines are whole wherever the data is cut, and a torn last one waits', () => {
  const lines = ['{"a":"∧→"}', '{}', '{"b":"x y"}'];
  const bytes = new TextEncoder().encode(`${lines.join('\n')}\n{"torn`);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const found = new Lines();
    found.push(bytes.slice(0, cut));
    found.push(bytes.slice(cut));
    assert.deepEqual([0, 1, 2].map((number) => found.line(number)), lines);
    assert.equal(found.length, 3);
    assert.equal(found.torn, 6);
    found.push('":1}\n');
    assert.equal(found.line(3), '{"torn":1}');
  }
});

test('a line that is no record says which and why', () => {
  for (const [text, why] of [['{', /no JSON/], ['{"event":"x"}', /neither/], ['{"event":"iteration"}', /lacks/], ['null', /neither/]]) {
    assert.throws(() => readLine(text, 7), (error) => error instanceof TraceError && error.line === 7 && why.test(error.message));
  }
  assert.equal(readLine('{"event":"abort","iteration":3}', 1), null);
  const unknown = { event: 'iteration', iteration: 0, selected_path: ['a'], node: {}, tree: {}, reason: 'magic' };
  assert.throws(() => readLine(JSON.stringify(unknown), 1), /magic/);
});

test('bisection finds what a scan finds', () => {
  const draw = draws(1);
  for (let round = 0; round < 300; round++) {
    const cells = Array.from({ length: Math.floor(draw() * 12) }, () => Math.floor(draw() * 20)).sort((one, other) => one - other);
    const value = Math.floor(draw() * 22) - 1;
    assert.equal(lastNotAbove(cells, cells.length, value), cells.findLastIndex((cell) => cell <= value));
  }
});

test('a column grows and keeps what it has', () => {
  const column = new Column(Int32Array);
  for (let value = 0; value < 1000; value++) column.push(value * 3);
  assert.equal(column.length, 1000);
  assert.deepEqual([column.at(0), column.at(63), column.at(64), column.at(999)], [0, 189, 192, 2997]);
});
