import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './page.js';

const { numbersOf, submissionOf } = await load('submission');
const { read, write } = await load('where');

const FORM = { corpus: 'micro.toml', corpus_text: '', name: '', arms: 'wild_type', seeds: '0', budget: '10,50', agents: '4', inflight: '4' };

test('lists of numbers are numbers and ranges, each once', () => {
  assert.deepEqual(numbersOf('0-2, 7,1'), [0, 1, 2, 7]);
  for (const wrong of ['', '1,', '3-1', '-1', 'a', '1.5', '0-999999']) assert.equal(numbersOf(wrong), null, wrong);
});

test('a form becomes what the API has; what is empty is left to the daemon', () => {
  const { submission } = submissionOf({ ...FORM, block_fraction: '0.2', block_duration: '-1', reroute_max: '2', time_budget_s: '' });
  assert.deepEqual(submission, {
    corpus: 'micro.toml', arms: ['wild_type'], seeds: [0], prover: { kind: 'lean' }, provider: { kind: 'heuristic', automation: 'full' }, priority: 0,
    search: {
      mode: 'distributed', agents: 4, inflight: 4, budget: [10, 50], block: { fraction: 0.2, duration: -1, seed: 0 }, reroute: { max_attempts: 2 },
      tree: { expansion: 'all-successes', selection: 'virtual-loss', backpropagation: 'uniform' },
    },
  });
});

test('what is wrong is said of its field', () => {
  for (const [change, field] of [
    [{ corpus: '' }, 'corpus'],
    [{ corpus_text: '[[theorem]]' }, 'corpus'],
    [{ seeds: 'x' }, 'seeds'],
    [{ arms: ' , ' }, 'arms'],
    [{ budget: '0' }, 'budget'],
    [{ agents: '' }, 'agents'],
    [{ inflight: '2.5' }, 'inflight'],
    [{ block_fraction: '0.2' }, 'block_duration'],
    [{ delay_duration: '3' }, 'delay_prob'],
    [{ priority: 'high' }, 'priority'],
  ]) {
    assert.equal(submissionOf({ ...FORM, ...change }).wrong?.field, field, JSON.stringify(change));
  }
});

test('an address leads back to where it was written', () => {
  for (const where of [
    { view: 'list', state: 'running', find: 'a & b', sort: 'name' },
    { view: 'submit' },
    { view: 'experiment', experiment: 3, state: undefined, find: 'and', sort: 'list' },
    { view: 'search', experiment: 3, theorem: 'a?b=c&d', arms: ['wild_type', 'block_x'], seed: 2, iteration: 0, goal: 'k1' },
    { view: 'search', experiment: 1, theorem: 't', arms: ['x'], seed: 0, iteration: undefined, goal: undefined },
  ]) {
    const again = read(new URL(write(where), 'http://daemon').search);
    assert.equal(write(again), write(where));
    for (const [name, value] of Object.entries(where)) assert.deepEqual(again[name], value, name);
  }
});

test('an address that nobody wrote leads somewhere', () => {
  assert.equal(read('?experiment=abc').view, 'list');
  assert.equal(read('?experiment=-1&theorem=x').view, 'list');
  assert.deepEqual(read('?experiment=1&theorem=t').arms, ['wild_type']);
  assert.equal(read(`?experiment=1&theorem=t${'&arm=a'.repeat(9)}`).arms.length, 4);
});
