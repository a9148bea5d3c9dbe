/**
 * One search, grown record by record: its tree, what was the case when, and where each iteration went.
 *
 * Going to an iteration replays nothing. A goal has an ascending list of iterations at which its state changed, and what it
 * is at an iteration is found there by bisection; what an iteration did stands in columns of numbers.
 *
 * The rules are those of the tree itself: a tactic without open subgoals solves its goal, a dead subgoal kills its tactic,
 * and a goal is dead when nothing is left to try and all its tactics are dead.
 *
 * @module
 */

import { Column, lastNotAbove } from './column.js';
import { ABSENT, BLOCKED, DEAD, DELAYED, FRESH, OPEN, SOLVED } from './states.js';
import { Lines, REASONS, TraceError, pieces, readLine } from './trace.js';

/** @import { Places } from './places.js' */
/** @import { Attempt, Hold, IterationRecord } from './trace.js' */

const NEVER = 2 ** 31 - 1;
const EXPANDED = REASONS.indexOf('expanded');

/** Bits of the column `flags`. */
export const REROUTED = 1;
export const ROOT_SOLVED = 2;
/** The iteration solved its goal. */
export const TERMINAL = 4;

export class Search {
  /**
   * @param {Places} places Shared by the arms of a theorem.
   * @param {string} label What people call it.
   */
  constructor(places, label = '') {
    this.places = places;
    this.label = label;
    /** Whether nothing follows any more. */
    this.finished = false;
    this.lines = new Lines();
    this._read = 0;

    // One cell for each iteration. Rows are iterations as long as none is missing, which arrival runs alone have.
    this.iteration = new Column(Int32Array);
    this.reason = new Column(Uint8Array);
    this.agent = new Column(Uint16Array);
    this.node = new Column(Int32Array);
    this.inflight = new Column(Uint16Array);
    this.tier = new Column(Uint8Array);
    this.flags = new Column(Uint8Array);
    this.lineOf = new Column(Int32Array);
    /** Nodes that an iteration was rerouted from, by row. @type {Map<number, number[]>} */
    this.skipped = new Map();
    this.agents = 0;
    /** Those that occur, by their places in the list of all. @type {Set<number>} */
    this.reasons = new Set();
    /** Reservations at once: what the window is at least. */
    this.window = 1;
    this.solvedAt = -1;

    // One cell for each goal.
    this.item = new Column(Int32Array);
    this.born = new Column(Int32Array);
    this.depth = new Column(Int32Array);
    this.above = new Column(Int32Array);
    /** From when on nobody needs it any more, since it or something above it was solved or died. */
    this.closed = new Column(Int32Array);
    this._untried = new Column(Int32Array);
    this._live = new Column(Int32Array);
    this._status = new Column(Uint8Array);
    /** @type {string[]} */
    this.mvar = [];
    /** '' until the goal is visited: a trace shows a goal's text with its first visit. @type {string[]} */
    this.goal = [];
    /** Rows that visited the goal itself. @type {number[][]} */
    this.visits = [];
    /** Tactics of the goal, as edges. @type {number[][]} */
    this.edges = [];
    /** Iterations at which the state changed, and to what. @type {(number[] | null)[]} */
    this._times = [];
    /** @type {(number[] | null)[]} */
    this._states = [];
    /** The edge that solves the goal. @type {number[]} */
    this.solution = [];

    // One cell for each tactic that worked.
    this.edgeItem = new Column(Int32Array);
    this.edgeNode = new Column(Int32Array);
    this.edgeBorn = new Column(Int32Array);
    this.edgeDied = new Column(Int32Array);
    /** @type {string[]} */
    this.tactic = [];
    /** @type {number[][]} */
    this.subgoals = [];
    this._unsolved = new Column(Int32Array);

    /** @type {Map<string, number>} */
    this._byMvar = new Map();
    /** Node and edge of an item of the places, by item; −1: this search has none. @type {number[]} */
    this._nodeOfItem = [];
    /** @type {number[]} */
    this._edgeOfItem = [];
  }

  /** Rows. */
  get length() {
    return this.iteration.length;
  }

  /** Goals. */
  get nodes() {
    return this.item.length;
  }

  /** The last iteration; −1 while there is none. */
  get last() {
    return this.length ? this.iteration.at(this.length - 1) : -1;
  }

  /**
   * Takes what follows of the trace.
   *
   * @param {Uint8Array | string} data
   * @returns {number} Iterations that came with it.
   */
  append(data) {
    const before = this.length;
    for (const piece of pieces(data)) {
      this.lines.push(piece);
      for (; this._read < this.lines.length; this._read++) {
        const record = readLine(this.lines.line(this._read), this._read + 1);
        if (record) this._add(record, this._read);
      }
    }
    return this.length - before;
  }

  /**
   * The row of the last iteration that is not after this one; −1: none.
   *
   * @param {number} iteration
   */
  rowAt(iteration) {
    const near = Math.min(iteration, this.length - 1);
    if (near >= 0 && this.iteration.at(near) === iteration) return near;
    return lastNotAbove(this.iteration.data, this.length, iteration);
  }

  /**
   * What a goal is after an iteration.
   *
   * @param {number} node
   * @param {number} iteration
   * @returns {number} One of the states.
   */
  stateAt(node, iteration) {
    if (this.born.at(node) > iteration) return ABSENT;
    const times = this._times[node];
    if (!times) return FRESH;
    const place = lastNotAbove(times, times.length, iteration);
    return place < 0 ? FRESH : /** @type {number[]} */ (this._states[node])[place];
  }

  /**
   * Whether a tactic is there and alive after an iteration.
   *
   * @param {number} edge
   * @param {number} iteration
   * @returns {number} `ABSENT`, `DEAD`, `SOLVED` when it solves its goal, else `OPEN`.
   */
  edgeStateAt(edge, iteration) {
    if (this.edgeBorn.at(edge) > iteration) return ABSENT;
    if (this.edgeDied.at(edge) <= iteration) return DEAD;
    const node = this.edgeNode.at(edge);
    return this.solution[node] === edge && this.stateAt(node, iteration) === SOLVED ? SOLVED : OPEN;
  }

  /** @param {number} node @param {number} iteration */
  isClosed(node, iteration) {
    return this.closed.at(node) <= iteration;
  }

  /** @param {number} item @returns {number} −1: none. */
  nodeOf(item) {
    return this._nodeOfItem[item] ?? -1;
  }

  /** @param {number} item @returns {number} −1: none. */
  edgeOf(item) {
    return this._edgeOfItem[item] ?? -1;
  }

  /**
   * The goal above a goal; −1 for the root.
   *
   * @param {number} node
   */
  parent(node) {
    const edge = this.above.at(node);
    return edge < 0 ? -1 : this.edgeNode.at(edge);
  }

  /**
   * Goals from the root to one, both included.
   *
   * @param {number} node
   * @returns {number[]}
   */
  path(node) {
    const path = [];
    for (let at = node; at >= 0; at = this.parent(at)) path.push(at);
    return path.reverse();
  }

  /**
   * Where each agent was last, after an iteration.
   *
   * @param {number} iteration
   * @returns {{agent: number, node: number, row: number}[]} By agent; those that have not begun are left out.
   */
  agentsAt(iteration) {
    /** @type {{agent: number, node: number, row: number}[]} */
    const found = [];
    const seen = new Set();
    const now = this.rowAt(iteration);
    const oldest = now - 4 * this.agents - 64; // an agent that has not come by since has left the search
    for (let row = now; row >= 0 && row >= oldest && seen.size < this.agents; row--) {
      const agent = this.agent.at(row);
      if (seen.has(agent)) continue;
      seen.add(agent);
      found.push({ agent, node: this.node.at(row), row });
    }
    return found.sort((one, other) => one.agent - other.agent);
  }

  /**
   * The goals that are being worked on after an iteration. Tickets are committed in order, so these are the ones of the
   * next records, as many of them as reservations are held then.
   *
   * @param {number} iteration
   * @returns {{agent: number, node: number, row: number}[]}
   */
  inflightAt(iteration) {
    const row = this.rowAt(iteration);
    /** @type {{agent: number, node: number, row: number}[]} */
    const found = [];
    if (row < 0 || this.last === iteration) return found;
    const until = Math.min(this.length, row + 1 + this.window);
    for (let next = row + 1; next < until && found.length < this.inflight.at(row); next++) {
      const reason = REASONS[this.reason.at(next)];
      const node = this.node.at(next);
      if (reason !== 'blocked' && reason !== 'delayed' && this.born.at(node) <= iteration) {
        found.push({ agent: this.agent.at(next), node, row: next });
      }
    }
    return found;
  }

  /**
   * The record of an iteration, read anew from its line.
   *
   * @param {number} row
   * @returns {IterationRecord}
   */
  record(row) {
    const line = this.lineOf.at(row);
    return /** @type {IterationRecord} */ (readLine(this.lines.line(line), line + 1));
  }

  /**
   * Visits of a goal and all below it, as cumulated counts.
   *
   * @param {number} node
   * @returns {{iterations: number[], successes: boolean[]}} One entry for each visit, in order.
   */
  visitsBelow(node) {
    const below = new Uint8Array(this.nodes);
    below[node] = 1;
    for (let other = node + 1; other < this.nodes; other++) below[other] = below[this.parent(other)];
    const iterations = [];
    const successes = [];
    for (let row = 0; row < this.length; row++) {
      if (!below[this.node.at(row)]) continue;
      iterations.push(this.iteration.at(row));
      successes.push(this.reason.at(row) === EXPANDED);
    }
    return { iterations, successes };
  }

  /**
   * The goals of the proof; empty while the root is not solved.
   *
   * @returns {Set<number>}
   */
  proof() {
    const found = new Set();
    const stack = this.solvedAt >= 0 ? [0] : [];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      found.add(node);
      stack.push(...this.subgoals[this.solution[node]]);
    }
    return found;
  }

  // -- growth ---------------------------------------------------------------------------------------------------------

  /**
   * @param {IterationRecord} record
   * @param {number} line
   */
  _add(record, line) {
    const time = record.iteration;
    if (time <= this.last) throw new TraceError(line + 1, `has iteration ${time} after ${this.last}`);
    if (!this.nodes) this._node(record.selected_path[0], 0, -1, time);
    const node = this._byMvar.get(record.node.mvar_id);
    if (node === undefined) throw new TraceError(line + 1, `visits ${record.node.mvar_id}, which nothing has led to`);
    this.goal[node] = record.node.goal_type;
    const row = this.length;
    this._count(record, row, node, line);
    this._hold(record, row, time);
    if (record.attempts.length || record.tactics.length || record.expanded !== null) this._visit(record, node, time);
    this.solvedAt = this.solvedAt < 0 && this._status.at(0) === SOLVED ? time : this.solvedAt;
  }

  /**
   * @param {IterationRecord} record
   * @param {number} row
   * @param {number} node
   * @param {number} line
   */
  _count(record, row, node, line) {
    this.iteration.push(record.iteration);
    const reason = REASONS.indexOf(record.reason);
    this.reason.push(reason);
    this.reasons.add(reason);
    this.agent.push(record.agent_id);
    this.node.push(node);
    this.inflight.push(record.tree.inflight);
    this.tier.push(record.tier ?? 0);
    this.lineOf.push(line);
    const terminal = record.reason === 'expanded' && record.node.is_terminal;
    const rerouted = (record.reroute?.length ?? 0) > 0;
    this.flags.push((rerouted ? REROUTED : 0) | (record.tree.solved ? ROOT_SOLVED : 0) | (terminal ? TERMINAL : 0));
    this.visits[node].push(row);
    this.agents = Math.max(this.agents, record.agent_id + 1);
    this.window = Math.max(this.window, record.tree.inflight + 1);
  }

  /**
   * @param {IterationRecord} record
   * @param {number} row
   * @param {number} time
   */
  _hold(record, row, time) {
    const skipped = [];
    for (const entry of record.reroute ?? []) {
      const node = this._byMvar.get(entry.mvar_id);
      if (node === undefined) continue;
      skipped.push(node);
      this._holdNode(node, time, entry.block, entry.delay);
    }
    if (skipped.length) this.skipped.set(row, skipped);
    this._holdNode(this.node.at(row), time, record.block, record.delay);
  }

  /**
   * @param {number} node
   * @param {number} time
   * @param {Hold | undefined} block
   * @param {Hold | undefined} delay
   */
  _holdNode(node, time, block, delay) {
    const hold = block ?? delay;
    if (!hold || this._status.at(node) !== OPEN) return;
    const after = this._untried.at(node) >= 0 ? OPEN : FRESH;
    this._change(node, time, block ? BLOCKED : DELAYED);
    if (hold.until >= 0) this._change(node, hold.until + 1, after);
  }

  /**
   * @param {IterationRecord} record
   * @param {number} node
   * @param {number} time
   */
  _visit(record, node, time) {
    if (this.closed.at(node) <= time) return; // closed from above meanwhile: the tree took nothing from this visit
    if (record.attempts.some((attempt) => attempt.detail?.startsWith('no_goal'))) this._untried.data[node] = 0;
    else if (!failedProvider(record)) this._untried.data[node] = leftOver(record);
    if (this._untried.at(node) >= 0) this._change(node, time, OPEN);
    if (record.expanded) this._expand(record, node, time);
    this._exhaust(node, time);
  }

  /**
   * @param {IterationRecord} record
   * @param {number} node
   * @param {number} time
   */
  _expand(record, node, time) {
    const worked = record.attempts.filter((attempt) => attempt.outcome === 'success');
    let spare = record.tree.nodes - this.nodes - worked.reduce((sum, attempt) => sum + distinct(attempt), 0);
    for (const attempt of worked) {
      const edge = this._edge(node, attempt.tactic, time);
      /** @type {Map<string, number>} */
      const bySignature = new Map();
      attempt.child_mvar_ids.forEach((mvar, number) => {
        const signature = attempt.child_sigs_strict?.[number] ?? mvar;
        const twin = bySignature.get(signature);
        if (twin !== undefined && spare <= 0) {
          this._byMvar.set(mvar, twin); // strictly equal siblings share one node
          return;
        }
        if (twin !== undefined) spare--;
        const place = this.places.subgoal(this.edgeItem.at(edge), this.subgoals[edge].length);
        bySignature.set(signature, this._node(mvar, place, edge, time));
      });
      this._unsolved.data[edge] = this.subgoals[edge].length;
      if (!this.subgoals[edge].length) this._solve(node, edge, time);
    }
  }

  /**
   * @param {number} node
   * @param {string} tactic
   * @param {number} time
   */
  _edge(node, tactic, time) {
    const edge = this.tactic.length;
    const again = this.edges[node].filter((other) => this.tactic[other] === tactic).length;
    const item = this.places.tacticAt(this.item.at(node), tactic, again);
    this._edgeOfItem[item] = edge;
    this.edges[node].push(edge);
    this._live.data[node]++;
    this.edgeItem.push(item);
    this.edgeNode.push(node);
    this.edgeBorn.push(time);
    this.edgeDied.push(NEVER);
    this.tactic.push(tactic);
    this.subgoals.push([]);
    this._unsolved.push(0);
    return edge;
  }

  /**
   * @param {string} mvar
   * @param {number} item
   * @param {number} edge Above it; −1 for the root.
   * @param {number} time
   */
  _node(mvar, item, edge, time) {
    const node = this.nodes;
    this._byMvar.set(mvar, node);
    this._nodeOfItem[item] = node;
    if (edge >= 0) this.subgoals[edge].push(node);
    this.item.push(item);
    this.born.push(edge < 0 ? -1 : time);
    this.depth.push(edge < 0 ? 0 : this.depth.at(this.edgeNode.at(edge)) + 1);
    this.above.push(edge);
    const above = edge < 0 ? NEVER : Math.min(this.closed.at(this.edgeNode.at(edge)), this.edgeDied.at(edge));
    this.closed.push(above);
    this._untried.push(-1);
    this._live.push(0);
    this._status.push(OPEN);
    this.mvar.push(mvar);
    this.goal.push('');
    this.visits.push([]);
    this.edges.push([]);
    this._times.push(null);
    this._states.push(null);
    this.solution.push(-1);
    return node;
  }

  /**
   * Notes that the state is another from an iteration on; what was foreseen for later is no more.
   *
   * @param {number} node
   * @param {number} time
   * @param {number} state
   */
  _change(node, time, state) {
    const times = (this._times[node] ??= []);
    const states = (this._states[node] ??= []);
    while (times.length && times[times.length - 1] >= time) {
      times.pop();
      states.pop();
    }
    if ((states.at(-1) ?? FRESH) === state) return;
    times.push(time);
    states.push(state);
  }

  /**
   * @param {number} node
   * @param {number} edge
   * @param {number} time
   */
  _solve(node, edge, time) {
    while (this._status.at(node) === OPEN) {
      this._status.data[node] = SOLVED;
      this.solution[node] = edge;
      this._change(node, time, SOLVED);
      this._close(node, time);
      edge = this.above.at(node);
      if (edge < 0 || --this._unsolved.data[edge] || this.edgeDied.at(edge) <= time) return;
      node = this.edgeNode.at(edge);
    }
  }

  /**
   * @param {number} node
   * @param {number} time
   */
  _exhaust(node, time) {
    while (this._status.at(node) === OPEN && this._live.at(node) === 0 && this._untried.at(node) === 0) {
      this._status.data[node] = DEAD;
      this._change(node, time, DEAD);
      this._close(node, time);
      const edge = this.above.at(node);
      if (edge < 0 || this.edgeDied.at(edge) <= time) return;
      this.edgeDied.data[edge] = time;
      for (const sibling of this.subgoals[edge]) this._close(sibling, time);
      node = this.edgeNode.at(edge);
      this._live.data[node]--;
    }
  }

  /**
   * Notes that nobody needs what is below a goal, and the goal itself. Each goal is closed once, so all this together is
   * linear in the tree.
   *
   * @param {number} top
   * @param {number} time
   */
  _close(top, time) {
    const stack = [top];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (this.closed.at(node) <= time) continue;
      this.closed.data[node] = time;
      for (const edge of this.edges[node]) stack.push(...this.subgoals[edge]);
    }
  }
}

/** @param {IterationRecord} record */
function failedProvider(record) {
  return record.error !== undefined && !record.tactics.length && record.reason !== 'adapter_error';
}

/**
 * Suggestions that still deserve a try after a visit: those not reached, and those on which the prover broke down.
 *
 * @param {IterationRecord} record
 */
function leftOver(record) {
  const rest = record.tactics.length - record.attempts.length;
  if (record.error === undefined) return rest;
  return rest + record.attempts.filter((attempt) => attempt.detail?.startsWith('adapter')).length;
}

/** @param {Attempt} attempt */
function distinct(attempt) {
  return new Set(attempt.child_sigs_strict ?? attempt.child_mvar_ids).size;
}
