/**
 * Where in the page one is, as an address: experiment, theorem, arms, seed, iteration and goal, and what a list shows. An
 * address can be sent to a colleague, and shows the same there.
 *
 * @module
 */

/**
 * @typedef {object} Where
 * @property {'list' | 'submit' | 'experiment' | 'search'} view
 * @property {number} [experiment]
 * @property {string} [theorem]
 * @property {string[]} [arms]
 * @property {number} [seed]
 * @property {number} [iteration]
 * @property {string} [goal]
 * @property {string} [state] Of the experiments in the list.
 * @property {string} [find] What their names, or the theorems, contain.
 * @property {string} [sort]
 */

/** @param {string} query With or without its question mark. @returns {Where} */
export function read(query) {
  const words = new URLSearchParams(query);
  const number = (/** @type {string} */ name) => {
    const text = words.get(name);
    return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  };
  const text = (/** @type {string} */ name) => words.get(name) || undefined;
  const list = { state: text('state'), find: text('find'), sort: text('sort') };
  const experiment = number('experiment');
  if (words.has('submit')) return { view: 'submit' };
  if (experiment === undefined) return { view: 'list', ...list };
  const theorem = text('theorem');
  if (theorem === undefined) return { view: 'experiment', experiment, ...list };
  const arms = words.getAll('arm').filter(Boolean).slice(0, 4);
  return {
    view: 'search',
    experiment,
    theorem,
    arms: arms.length ? arms : ['wild_type'],
    seed: number('seed') ?? 0,
    iteration: number('iteration'),
    goal: text('goal'),
  };
}

/** @param {Where} where @returns {string} An address below the page's own. */
export function write(where) {
  const words = new URLSearchParams();
  if (where.view === 'submit') words.set('submit', '');
  if (where.experiment !== undefined) words.set('experiment', String(where.experiment));
  if (where.view === 'search') {
    words.set('theorem', where.theorem ?? '');
    for (const arm of where.arms ?? []) words.append('arm', arm);
    words.set('seed', String(where.seed ?? 0));
    if (where.iteration !== undefined) words.set('iteration', String(where.iteration));
    if (where.goal) words.set('goal', where.goal);
  } else {
    for (const name of /** @type {const} */ (['state', 'find', 'sort'])) if (where[name]) words.set(name, where[name]);
  }
  const query = words.toString();
  return query ? `/?${query}` : '/';
}
