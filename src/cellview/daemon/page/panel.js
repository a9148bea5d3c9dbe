/**
 * Beside the tree: what the iteration did, and all about the goal that is chosen.
 *
 * @module
 */

import { make } from './dom.js';
import { stateIcon } from './icons.js';
import { spark } from './spark.js';
import { STATE_NAMES } from './states.js';
import { REASONS } from './trace.js';

/** @import { Search } from './search.js' */
/** @import { Attempt, IterationRecord } from './trace.js' */

const SENTENCES = Object.freeze({
  expanded: 'the goal was expanded',
  no_expansion: 'nothing new came of it',
  blocked: 'given up: the goal was blocked',
  delayed: 'given up: the goal was delayed',
  terminal_node: 'the goal was solved already',
  dead_node: 'the goal was dead already',
  no_goal: 'the prover had no such goal',
  abort: 'the search was aborted',
  adapter_error: 'the prover failed',
  provider_error: 'the tactic provider failed',
});

const MOST_VISITS = 12;

/**
 * What an iteration did, in words.
 *
 * @param {Search} search
 * @param {number} iteration
 */
export function sentence(search, iteration) {
  const row = search.rowAt(iteration);
  if (row < 0) return 'before the first iteration';
  const rerouted = search.skipped.get(row)?.length ?? 0;
  const way = rerouted ? `, rerouted ${rerouted === 1 ? 'once' : `${rerouted} times`}` : '';
  const reason = /** @type {keyof typeof SENTENCES} */ (REASONS[search.reason.at(row)]);
  return `agent ${search.agent.at(row)}${way}: ${SENTENCES[reason]}`;
}

/**
 * Fills the panel.
 *
 * @param {HTMLElement} panel
 * @param {object} what
 * @param {Search} what.search
 * @param {number} what.iteration
 * @param {number} what.item Chosen; −1: none.
 * @param {(item: number) => void} what.onChoose
 * @param {(iteration: number) => void} what.onSeek
 */
export function showPanel(panel, { search, iteration, item, onChoose, onSeek }) {
  if (!search.length) {
    panel.replaceChildren(make('p', { class: 'cv-note' }, [search.finished ? 'This search was run without a trace.' : 'Waiting for the first iteration.']));
    return;
  }
  const node = item < 0 ? -1 : search.nodeOf(item);
  const parts = [aboutIteration(search, iteration, onChoose)];
  if (item >= 0 && (node < 0 || search.born.at(node) > iteration)) {
    parts.push(make('p', { class: 'cv-note' }, [node < 0 ? 'This arm never comes to the chosen goal.' : 'The chosen goal is not there yet.']));
    if (node >= 0) parts.push(seekButton(`Go to where it is found: ${search.born.at(node)}`, search.born.at(node), onSeek));
  } else if (node >= 0) parts.push(...aboutGoal(search, node, iteration, onChoose, onSeek));
  else parts.push(make('p', { class: 'cv-note' }, ['Choose a goal in the tree to see what was tried on it.']));
  panel.replaceChildren(...parts);
}

/**
 * @param {Search} search
 * @param {number} iteration
 * @param {(item: number) => void} onChoose
 */
function aboutIteration(search, iteration, onChoose) {
  const row = search.rowAt(iteration);
  const box = make('section', { class: 'cv-now' }, [
    make('h2', {}, [`Iteration ${iteration.toLocaleString('en')}`]),
    make('p', {}, [capital(sentence(search, iteration))]),
  ]);
  if (row >= 0) {
    const node = search.node.at(row);
    box.append(goalLink(search, node, onChoose));
    const skipped = search.skipped.get(row) ?? [];
    if (skipped.length) box.append(make('p', { class: 'cv-note' }, ['Went past']), ...skipped.map((other) => goalLink(search, other, onChoose)));
  }
  return box;
}

/**
 * @param {Search} search
 * @param {number} node
 * @param {(item: number) => void} onChoose
 */
function goalLink(search, node, onChoose) {
  const link = make('button', { type: 'button', class: 'cv-goal-link', title: search.goal[node] }, [search.goal[node] || 'a goal that was never visited']);
  link.addEventListener('click', () => onChoose(search.item.at(node)));
  return link;
}

/**
 * @param {string} text
 * @param {number} iteration
 * @param {(iteration: number) => void} onSeek
 */
function seekButton(text, iteration, onSeek) {
  const link = make('button', { type: 'button', class: 'cv-link' }, [text]);
  link.addEventListener('click', () => onSeek(iteration));
  return link;
}

/**
 * @param {Search} search
 * @param {number} node
 * @param {number} iteration
 * @param {(item: number) => void} onChoose
 * @param {(iteration: number) => void} onSeek
 * @returns {HTMLElement[]}
 */
function aboutGoal(search, node, iteration, onChoose, onSeek) {
  const state = search.stateAt(node, iteration);
  const rows = search.visits[node].filter((row) => search.iteration.at(row) <= iteration);
  const heading = make('h2', { class: 'cv-state' }, [stateIcon(state), capital(STATE_NAMES[state])]);
  const closed = state < 4 && search.isClosed(node, iteration);
  return [
    make('section', {}, [
      heading,
      ...(closed ? [make('p', { class: 'cv-note' }, ['No longer needed: something above it was decided.'])] : []),
      make('pre', { class: 'cv-goal', tabindex: '0', role: 'region', 'aria-label': 'The goal' }, [search.goal[node] ? `⊢ ${search.goal[node]}` : 'Its text is shown with its first visit.']),
      make('dl', { class: 'cv-facts' }, [
        ...fact('Depth', search.depth.at(node)),
        ...fact('Found at', Math.max(0, search.born.at(node))),
        ...fact('Own visits', rows.length),
      ]),
    ]),
    aboutVisits(search, node, iteration, onSeek),
    aboutAttempts(search, rows, onSeek),
    aboutWay(search, node, onChoose),
  ];
}

/**
 * @param {string} name
 * @param {number | string} value
 */
function fact(name, value) {
  return [make('div', {}, [make('dt', {}, [name]), make('dd', {}, [value.toLocaleString('en')])])];
}

/**
 * @param {Search} search
 * @param {number} node
 * @param {number} iteration
 * @param {(iteration: number) => void} onSeek
 */
function aboutVisits(search, node, iteration, onSeek) {
  const { iterations, successes } = search.visitsBelow(node);
  const until = iterations.filter((at) => at <= iteration).length;
  const worked = successes.slice(0, until).filter(Boolean).length;
  /** @type {Map<number, number>} */
  const byAgent = new Map();
  for (const at of iterations.slice(0, until)) {
    const agent = search.agent.at(search.rowAt(at));
    byAgent.set(agent, (byAgent.get(agent) ?? 0) + 1);
  }
  const agents = [...byAgent].sort(([one], [other]) => one - other);
  return make('section', {}, [
    make('h3', {}, ['Visits here and below']),
    spark({ iterations, successes, last: search.last, iteration, onSeek }),
    make('p', { class: 'cv-note' }, [`${until} visit${until === 1 ? '' : 's'}, ${worked} with success.`]),
    make('ul', { class: 'cv-agents', 'aria-label': 'Agents that came by' }, agents.map(([agent, times]) => make('li', {}, [make('b', {}, [String(agent)]), `${times}×`]))),
  ]);
}

/**
 * @param {Search} search
 * @param {number[]} rows
 * @param {(iteration: number) => void} onSeek
 */
function aboutAttempts(search, rows, onSeek) {
  const body = make('tbody');
  for (const row of rows.slice(-MOST_VISITS).reverse()) body.append(...attemptRows(search, search.record(row), onSeek));
  const left = rows.length - MOST_VISITS;
  const head = make('thead', {}, [make('tr', {}, ['Tactic', 'Outcome', 'At'].map((name) => make('th', { scope: 'col' }, [name])))]);
  return make('section', {}, [
    make('h3', {}, ['What was tried']),
    rows.length ? make('table', { class: 'cv-attempts' }, [head, body]) : make('p', { class: 'cv-note' }, ['Nothing yet.']),
    ...(left > 0 ? [make('p', { class: 'cv-note' }, [`and ${left} earlier visits`])] : []),
  ]);
}

/**
 * @param {Search} search
 * @param {IterationRecord} record
 * @param {(iteration: number) => void} onSeek
 */
function attemptRows(search, record, onSeek) {
  const when = () => make('td', {}, [seekButton(String(record.iteration), record.iteration, onSeek)]);
  if (!record.attempts.length) {
    const why = record.error ?? capital(sentence(search, record.iteration));
    return [make('tr', {}, [make('td', { colspan: '2', class: 'cv-note' }, [why]), when()])];
  }
  const order = { success: 0, blocked: 1, failure: 2 };
  const sorted = record.attempts.toSorted((one, other) => order[one.outcome] - order[other.outcome]);
  return sorted.map((attempt) =>
    make('tr', { class: `cv-${attempt.outcome}` }, [make('td', {}, [make('code', {}, [attempt.tactic])]), make('td', {}, [outcomeOf(attempt)]), when()]),
  );
}

/** @param {Attempt} attempt */
function outcomeOf(attempt) {
  if (attempt.outcome === 'blocked') return `held back: ${attempt.block_reason ?? attempt.peg_id ?? 'by a peg'}`;
  if (attempt.outcome === 'failure') return attempt.detail && attempt.detail !== 'tactic' ? `failed: ${attempt.detail}` : 'failed';
  const goals = attempt.child_mvar_ids.length;
  return goals === 0 ? 'closes it' : goals === 1 ? '1 goal' : `${goals} goals`;
}

/**
 * @param {Search} search
 * @param {number} node
 * @param {(item: number) => void} onChoose
 */
function aboutWay(search, node, onChoose) {
  const steps = search.path(node).slice(1).map((at) => {
    const edge = search.above.at(at);
    const above = search.edgeNode.at(edge);
    const link = make('button', { type: 'button', class: 'cv-goal-link', title: search.goal[above] }, [search.tactic[edge]]);
    link.addEventListener('click', () => onChoose(search.item.at(above)));
    return make('li', {}, [link]);
  });
  return make('section', {}, [make('h3', {}, ['The way here']), steps.length ? make('ol', { class: 'cv-way' }, steps) : make('p', { class: 'cv-note' }, ['It is the root: the theorem itself.'])]);
}

/** @param {string} text */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
