/**
 * The trace's lines: the contract is the reference page "The trace", and nothing here knows more than it says.
 *
 * @module
 */

/**
 * @typedef {{until: number, remaining: number | null, duration: number, immovable?: boolean}} Hold
 * @typedef {{mvar_id: string, reason: 'blocked' | 'delayed', block?: Hold, delay?: Hold}} Reroute
 * @typedef {{tactic: string, outcome: 'success' | 'failure' | 'blocked', child_mvar_ids: string[], timestamp_ms: number,
 *   peg_id: string | null, peg_kind: string | null, block_reason: string | null, provider_id: string | null,
 *   child_sigs_strict?: string[], detail?: string}} Attempt
 * @typedef {{mvar_id: string, goal_type: string, goal_sig_strict: string, visit_count: number, success_count: number,
 *   is_terminal: boolean, is_dead: boolean, depth: number}} NodeSnapshot
 * @typedef {{nodes: number, expansions: number, max_depth: number, solved: boolean, aborted: boolean,
 *   inflight: number}} TreeSnapshot
 * @typedef {{event: 'iteration', iteration: number, reason: string, agent_id: number, tier?: number, budget?: number,
 *   selected_path: string[], node: NodeSnapshot, tactics: {tactic: string, score: number}[], attempts: Attempt[],
 *   expanded: boolean | null, tree: TreeSnapshot, block?: Hold, delay?: Hold, reroute?: Reroute[],
 *   error?: string}} IterationRecord
 */

/** All reasons, in the order in which they are drawn and named; a column of a search holds places in this list. */
export const REASONS = Object.freeze([
  'expanded',
  'no_expansion',
  'blocked',
  'delayed',
  'terminal_node',
  'dead_node',
  'no_goal',
  'abort',
  'adapter_error',
  'provider_error',
]);

/** A line that is no record. `line` counts from 1. */
export class TraceError extends Error {
  /**
   * @param {number} line
   * @param {string} what
   */
  constructor(line, what) {
    super(`Line ${line} of the trace ${what}. Check the file with "cellview trace check".`);
    this.name = 'TraceError';
    this.line = line;
  }
}

/**
 * Reads a line.
 *
 * @param {string} text
 * @param {number} line Its number, for the error.
 * @returns {IterationRecord | null} `null` for an abort's marker: the record after it says all that is drawn.
 */
export function readLine(text, line) {
  /** @type {any} */
  let record;
  try {
    record = JSON.parse(text);
  } catch {
    throw new TraceError(line, 'is no JSON');
  }
  if (record?.event === 'abort') return null;
  if (record?.event !== 'iteration') throw new TraceError(line, 'is neither an iteration nor an abort');
  if (!Number.isInteger(record.iteration) || !Array.isArray(record.selected_path) || !record.node || !record.tree) {
    throw new TraceError(line, 'lacks iteration, selected_path, node or tree');
  }
  if (!REASONS.includes(record.reason)) throw new TraceError(line, `has the unknown reason ${record.reason}`);
  return record;
}

const LINE_BREAK = 10;
const AT_ONCE = 1 << 26;

/**
 * The lines of a trace as they came, in bytes: a hundred thousand records as objects would take ten times the room. What
 * arrives in the middle of a line waits for its rest, so a torn last line is never read.
 */
export class Lines {
  constructor() {
    /** @type {{bytes: Uint8Array, starts: number[], ends: number[]}[]} */
    this._chunks = [];
    /** @type {Uint8Array} */
    this._rest = new Uint8Array(0);
    this._decoder = new TextDecoder();
    /** Number of the first line of each chunk. @type {number[]} */
    this._firsts = [];
    this.length = 0;
  }

  /** Bytes that wait for the rest of their line. */
  get torn() {
    return this._rest.length;
  }

  /**
   * @param {Uint8Array | string} data What follows.
   * @returns {number} How many lines are whole now.
   */
  push(data) {
    let bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    if (this._rest.length) {
      const joined = new Uint8Array(this._rest.length + bytes.length);
      joined.set(this._rest);
      joined.set(bytes, this._rest.length);
      bytes = joined;
    }
    const starts = [];
    const ends = [];
    let from = 0;
    for (let end = bytes.indexOf(LINE_BREAK); end >= 0; end = bytes.indexOf(LINE_BREAK, from)) {
      if (end > from) {
        starts.push(from);
        ends.push(end);
      }
      from = end + 1;
    }
    this._rest = bytes.slice(from);
    if (starts.length) {
      this._firsts.push(this.length);
      this._chunks.push({ bytes: bytes.subarray(0, from), starts, ends });
      this.length += starts.length;
    }
    return this.length;
  }

  /**
   * @param {number} number Of the line, from 0.
   * @returns {string}
   */
  line(number) {
    let chunk = this._chunks.length - 1;
    while (this._firsts[chunk] > number) chunk--;
    const { bytes, starts, ends } = this._chunks[chunk];
    const place = number - this._firsts[chunk];
    return this._decoder.decode(bytes.subarray(starts[place], ends[place]));
  }

  /** Bytes that are held. */
  get bytes() {
    return this._chunks.reduce((sum, chunk) => sum + chunk.bytes.length, this._rest.length);
  }
}

/**
 * Cuts what is too long to be handled at once; a browser refuses strings beyond half a gigabyte.
 *
 * @param {Uint8Array | string} data
 * @returns {Iterable<Uint8Array | string>}
 */
export function* pieces(data) {
  for (let from = 0; from < data.length; from += AT_ONCE) yield data.slice(from, from + AT_ONCE);
}
