import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { load } from './page.js';
import { iteration, restart } from './records.js';

const { Places } = await load('places');
const { Search } = await load('search');
const { nextDifference, nextOf } = await load('seek');
const { differsAt, firstParting } = await load('compare');
const { ABSENT, BLOCKED, DEAD, DELAYED, FRESH, OPEN, SOLVED } = await load('states');

beforeEach(restart);

function searchOf(...lines) {
  const search = new Search(new Places(), 'test');
  search.append(lines.join(''));
  search.finished = true;
  return search;
}

const named = (search, mvar) => search.mvar.indexOf(mvar);
const states = (search, mvar, until) => Array.from({ length: until + 1 }, (_, at) => search.stateAt(named(search, mvar), at));

test('an AND-set solves its goal with its last member, and the proof holds what it is built of', () => {
  const search = searchOf(
    iteration(0, ['r'], { tried: { split: ['a', 'b'], other: ['c'] } }),
    iteration(1, ['r', 'a'], { tried: { close: [] } }),
    iteration(2, ['r', 'b'], { tried: { close: [] } }),
  );
  assert.deepEqual(states(search, 'r', 2), [OPEN, OPEN, SOLVED]);
  assert.deepEqual(states(search, 'a', 2), [FRESH, SOLVED, SOLVED]);
  assert.deepEqual(states(search, 'c', 2), [FRESH, FRESH, FRESH]);
  assert.equal(search.solvedAt, 2);
  assert.deepEqual([...search.proof()].map((node) => search.mvar[node]).sort(), ['a', 'b', 'r']);
  assert.ok(search.isClosed(named(search, 'c'), 2) && !search.isClosed(named(search, 'c'), 1));
});

test('a dead subgoal kills its tactic, its siblings are no longer needed, and what is exhausted dies upward', () => {
  const search = searchOf(
    iteration(0, ['r'], { tried: { split: ['a', 'b'] } }),
    iteration(1, ['r', 'a'], { tried: { bad: 'tactic' }, reason: 'no_expansion' }),
  );
  assert.deepEqual(states(search, 'a', 1), [FRESH, DEAD]);
  assert.deepEqual(states(search, 'r', 1), [OPEN, DEAD]);
  assert.deepEqual(states(search, 'b', 1), [FRESH, FRESH]);
  assert.ok(search.isClosed(named(search, 'b'), 1));
  assert.equal(search.edgeStateAt(0, 0), OPEN);
  assert.equal(search.edgeStateAt(0, 1), DEAD);
});

test('a goal with tactics left does not die', () => {
  const search = searchOf(iteration(0, ['r'], { tried: { bad: 'tactic' }, left: ['more'], reason: 'no_expansion' }));
  assert.deepEqual(states(search, 'r', 0), [OPEN]);
});

test('a hold ends by itself, or when somebody works there, or never', () => {
  const block = (until) => ({ until, remaining: null, duration: 5, immovable: until < 0 });
  const root = iteration(0, ['r'], { tried: { one: ['a'], two: ['b'], three: ['c'] } });
  const search = searchOf(
    root,
    iteration(1, ['r', 'a'], { reason: 'blocked', block: block(4) }),
    iteration(2, ['r', 'b'], { reason: 'blocked', block: block(-1) }),
    iteration(3, ['r', 'c'], { reason: 'delayed', delay: block(9) }),
    iteration(4, ['r', 'a'], { reason: 'blocked', block: block(4) }),
    iteration(5, ['r', 'c'], { tried: { go: ['d'] } }),
  );
  assert.deepEqual(states(search, 'a', 6), [FRESH, BLOCKED, BLOCKED, BLOCKED, BLOCKED, FRESH, FRESH]);
  assert.deepEqual(states(search, 'b', 6).slice(2), [BLOCKED, BLOCKED, BLOCKED, BLOCKED, BLOCKED]);
  assert.deepEqual(states(search, 'c', 6), [FRESH, FRESH, FRESH, DELAYED, DELAYED, OPEN, OPEN]);
});

test('equal siblings share a node unless the tree counts two', () => {
  const shared = searchOf(iteration(0, ['r'], { tried: { split: ['a#1', 'a#2'] } }), iteration(1, ['r', 'a#2'], { tried: { close: [] } }));
  assert.equal(shared.nodes, 2);
  assert.equal(shared.stateAt(0, 1), SOLVED);
  const tree = { nodes: 3, expansions: 0, max_depth: 0, solved: false, aborted: false, inflight: 0 };
  const apart = searchOf(iteration(0, ['r'], { tried: { split: ['a#1', 'a#2'] }, tree }));
  assert.equal(apart.nodes, 3);
});

test('reroutes stand past the goals that were skipped, which are held from then on', () => {
  const search = searchOf(
    iteration(0, ['r'], { tried: { one: ['a'], two: ['b'] } }),
    iteration(1, ['r', 'b'], { tried: { go: ['c'] }, reroute: [{ mvar_id: 'a', reason: 'blocked', block: { until: 3, remaining: 2, duration: 3, immovable: false } }] }),
  );
  assert.deepEqual(search.skipped.get(1), [named(search, 'a')]);
  assert.deepEqual(states(search, 'a', 4), [FRESH, BLOCKED, BLOCKED, BLOCKED, FRESH]);
  assert.equal(nextOf([search], 'reroute', 0), 1);
  assert.equal(nextOf([search], 'reroute', 1), -1);
  assert.equal(nextOf([search], 'block', 5, -1), 1);
});

test('agents are where they were last; what is worked on are the next records', () => {
  const search = searchOf(
    iteration(0, ['r'], { tried: { one: ['a'], two: ['b'] } }),
    iteration(1, ['r', 'a'], { tried: { go: ['c'] } }),
    iteration(2, ['r', 'b'], { tried: { go: ['d'] } }),
  );
  assert.deepEqual(search.agentsAt(1).map(({ agent, node }) => [agent, search.mvar[node]]), [[0, 'r'], [1, 'a']]);
  assert.deepEqual(search.agentsAt(2).map(({ agent, node }) => [agent, search.mvar[node]]), [[0, 'b'], [1, 'a']]);
  assert.deepEqual(search.inflightAt(1).map(({ node }) => search.mvar[node]), ['b']);
  assert.deepEqual(search.inflightAt(2), []);
});

test('a trace that comes in pieces is the trace', () => {
  const lines = [iteration(0, ['r'], { tried: { one: ['a', 'b'] } }), iteration(1, ['r', 'a'], { tried: { close: [] } }), iteration(2, ['r', 'b'], { tried: { close: [] } })];
  const whole = searchOf(...lines);
  const text = lines.join('');
  for (let cut = 0; cut < text.length; cut += 97) {
    const pieces = new Search(new Places());
    const came = [text.slice(0, cut), text.slice(cut)].map((piece) => pieces.append(piece));
    assert.equal(came[0] + came[1], 3);
    for (let at = -1; at < 4; at++) for (let node = 0; node < whole.nodes; node++) assert.equal(pieces.stateAt(node, at), whole.stateAt(node, at));
  }
});

test('what cannot be drawn is refused with its line', () => {
  assert.throws(() => searchOf(iteration(0, ['r']), iteration(1, ['r', 'z'])), /Line 2 .* z, which nothing has led to/);
  assert.throws(() => searchOf(iteration(1, ['r']), iteration(1, ['r'])), /Line 2 .* iteration 1 after 1/);
});

test('iterations may be missing, as in arrival runs', () => {
  const search = searchOf(iteration(0, ['r'], { tried: { one: ['a'] } }), iteration(4, ['r', 'a'], { tried: { go: ['b'] } }));
  assert.deepEqual([-1, 0, 3, 4, 9].map((at) => search.rowAt(at)), [-1, 0, 0, 1, 1]);
  assert.equal(search.stateAt(named(search, 'b'), 3), ABSENT);
});

test('arms share places, part at the first other deed, and differ where their states do', () => {
  const places = new Places();
  const root = { tried: { one: ['a'], two: ['b'] } };
  const [left, right] = [new Search(places, 'left'), new Search(places, 'right')];
  left.append(iteration(0, ['r'], root) + iteration(1, ['r', 'a'], { tried: { go: ['c'] } }) + iteration(2, ['r', 'b'], { tried: { close: [] } }));
  restart();
  const renamed = { tried: { one: ['x'], two: ['y'] } };
  right.append(iteration(0, ['r'], renamed) + iteration(1, ['r', 'x'], { tried: { go: ['z'] } }) + iteration(2, ['r', 'x'], { tried: { go2: ['w'] } }));
  assert.equal(places.length, 10);
  assert.equal(left.item.at(named(left, 'a')), right.item.at(named(right, 'x')));
  assert.equal(firstParting([left, right]), 2);
  assert.equal(nextDifference([left, right], 2, 0), 2);
  const b = left.item.at(named(left, 'b'));
  assert.ok(!differsAt([left, right], b, 1) && differsAt([left, right], b, 2));
  assert.ok(differsAt([left, right], right.item.at(named(right, 'w')), 2));
  right.append(iteration(3, ['r', 'x', 'w'], { tried: { go: ['v'] } }));
  assert.ok(!differsAt([left, right], right.item.at(named(right, 'v')), 3), 'of what an arm lacks, the top alone differs');
});

test('an arm that ends first parts from the one that goes on, if it has ended', () => {
  const [left, right] = [0, 0].map(() => new Search(new Places()));
  const first = iteration(0, ['r'], { tried: { one: ['a'] } });
  left.append(first);
  restart();
  right.append(first + iteration(1, ['r', 'a'], { tried: { go: ['b'] } }));
  assert.equal(firstParting([left, right]), -1);
  left.finished = true;
  assert.equal(firstParting([left, right]), 1);
});

test('a name leads back to its place, in every arm', () => {
  const search = searchOf(iteration(0, ['r'], { tried: { one: ['a', 'b'], two: ['c'] } }));
  const { places } = search;
  const names = new Set();
  for (let item = 0; item < places.length; item++) {
    if (!places.isGoal(item)) continue;
    names.add(places.name(item));
    assert.equal(places.find(places.name(item)), item);
  }
  assert.equal(names.size, 4);
  assert.equal(places.find('nothing'), -1);
});
