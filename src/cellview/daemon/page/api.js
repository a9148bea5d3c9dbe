/**
 * What the page asks of its daemon. All of it is in `/api/openapi.json`.
 *
 * @module
 */

/**
 * @typedef {'queued' | 'running' | 'paused' | 'finished' | 'failed' | 'cancelled'} ExperimentState
 * @typedef {object} Experiment
 * @property {number} id
 * @property {string} name
 * @property {ExperimentState} state
 * @property {number} priority
 * @property {number} submitted_at Seconds since 1970.
 * @property {number} changed_at
 * @property {string} digest
 * @property {string | null} reason
 * @property {boolean} [pinned]
 * @property {number} points
 * @property {number} done
 * @property {number} running
 * @property {number} solved
 * @property {number} set_aside
 *
 * @typedef {object} Result
 * @property {number} iterations
 * @property {number} tried
 * @property {string | null} proof
 * @property {number | null} proof_length
 * @property {string | null} digest
 * @property {boolean} reproducible
 * @property {string[]} not_reproducible_because
 * @property {string | null} message
 * @property {boolean | null} provable
 *
 * @typedef {object} ArmRow
 * @property {string} arm
 * @property {number} searches That count.
 * @property {Record<string, number>} dropped How many do not, by reason.
 * @property {number | null} solve_rate
 * @property {number | null} low
 * @property {number | null} high
 * @property {string | null} interval How the interval was made.
 * @property {number | null} restricted_mean Iterations to a proof, cut at the budget.
 * @property {number | null} tried Tactics for each search.
 *
 * @typedef {object} SearchStatus
 * @property {number} number
 * @property {string} theorem
 * @property {string} arm
 * @property {number} seed
 * @property {'waiting' | 'ready' | 'running' | 'done' | 'set_aside'} state
 * @property {string | null} stop_reason
 * @property {boolean} solved
 * @property {string | null} reason
 * @property {Result | null} [result]
 */

/** The daemon said no; its text is one sentence for people. `status` is HTTP's, 0 when nobody answered. */
export class ApiError extends Error {
  /** @param {number} status @param {string} text */
  constructor(status, text) {
    super(text);
    this.name = 'ApiError';
    this.status = status;
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {{body?: unknown, headers?: Record<string, string>, signal?: AbortSignal}} [more]
 * @returns {Promise<Response>}
 * @throws {ApiError}
 */
export async function ask(method, path, { body, headers = {}, signal } = {}) {
  const changes = method !== 'GET';
  /** @type {Response} */
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: changes ? { 'content-type': 'application/json', ...headers } : headers,
      body: changes ? JSON.stringify(body ?? {}) : undefined,
      credentials: 'same-origin',
      signal,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'The daemon does not answer.');
  }
  if (answer.ok) return answer;
  let said = `The daemon answered ${answer.status}.`;
  try {
    said = (await answer.json()).detail ?? said;
  } catch {
    // Something between us and the daemon has answered; its number is all there is.
  }
  throw new ApiError(answer.status, said);
}

/** @param {string} path @param {AbortSignal} [signal] @returns {Promise<any>} */
async function get(path, signal) {
  return (await ask('GET', path, { signal })).json();
}

/** @param {number} experiment @param {number} search */
const ofSearch = (experiment, search) => `/api/experiments/${experiment}/searches/${search}`;

export const api = Object.freeze({
  /** @returns {Promise<{wanted: boolean, given: boolean}>} */
  session: () => get('/session'),
  /** @param {string} token */
  openSession: (token) => ask('POST', '/session', { body: { token } }),
  /** @returns {Promise<{status: string, version: string, events: number}>} `events` is the number of the last one. */
  health: () => get('/health/ready'),
  /**
   * All of them, newest first.
   *
   * @returns {Promise<Experiment[]>}
   */
  async experiments() {
    /** @type {Experiment[]} */
    const all = [];
    for (let before = null; ; ) {
      const page = await get(`/api/experiments?limit=1000${before === null ? '' : `&before=${before}`}`);
      all.push(...page.experiments);
      if (page.next === null) return all;
      before = page.next;
    }
  },
  /** @param {number} number @returns {Promise<Experiment>} */
  experiment: (number) => get(`/api/experiments/${number}`),
  /** @param {unknown} submission @param {string} key @returns {Promise<Experiment>} */
  submit: async (submission, key) =>
    (await ask('POST', '/api/experiments', { body: submission, headers: { 'idempotency-key': key } })).json(),
  /** @param {number} number @param {'pause' | 'resume' | 'cancel'} step @returns {Promise<Experiment>} */
  take: async (number, step) => (await ask('POST', `/api/experiments/${number}/${step}`)).json(),
  /** @param {number} number @param {{priority?: number, pinned?: boolean}} change @returns {Promise<Experiment>} */
  change: async (number, change) => (await ask('PATCH', `/api/experiments/${number}`, { body: change })).json(),
  /** @param {number} number */
  remove: (number) => ask('DELETE', `/api/experiments/${number}`),
  /** @param {number} number @returns {Promise<SearchStatus[]>} */
  async searches(number) {
    /** @type {SearchStatus[]} */
    const all = [];
    for (let first = 0; ; ) {
      const page = await get(`/api/experiments/${number}/searches?first=${first}&limit=10000`);
      all.push(...page.searches);
      if (page.next === null || page.next === undefined) return all;
      first = page.next;
    }
  },
  /**
   * How each arm has done, with intervals.
   *
   * @param {number} number
   * @returns {Promise<ArmRow[]>}
   */
  arms: async (number) => (await get(`/api/experiments/${number}/arms`)).arms,
  /**
   * Which figures the daemon can draw, and why it cannot draw the others.
   *
   * @param {number} number
   * @returns {Promise<{figures: {name: string, title: string, caption: string}[], absent: Record<string, string>}>}
   */
  figures: (number) => get(`/api/experiments/${number}/figures`),
  /** @param {number} experiment @param {number} search @returns {Promise<SearchStatus>} */
  search: (experiment, search) => get(ofSearch(experiment, search)),
  /** @param {number} experiment @param {number} search */
  proof: async (experiment, search) => (await ask('GET', `${ofSearch(experiment, search)}/proof`)).text(),
  /**
   * A trace from an iteration on. With `stream` the answer goes on as the search does, and ends with it.
   *
   * @param {number} experiment
   * @param {number} search
   * @param {{from: number, stream: boolean, signal: AbortSignal}} what
   */
  trace: (experiment, search, { from, stream, signal }) =>
    ask('GET', `${ofSearch(experiment, search)}/trace?from=${from}${stream ? '&stream=true' : ''}`, { signal }),
});
