/**
 * From a form's texts to a submission, as the API has it. What can be seen to be wrong is said here; all else the daemon
 * says.
 *
 * @module
 */

/** @typedef {Record<string, string>} Values */

/**
 * Numbers of a list such as `0-4,7`; `null`: it is none.
 *
 * @param {string} text
 * @returns {number[] | null}
 */
export function numbersOf(text) {
  /** @type {number[]} */
  const found = [];
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,9})(?:\s*-\s*(\d{1,9}))?\s*$/.exec(part);
    if (!match) return null;
    const [from, until] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (until < from || until - from > 10_000) return null;
    for (let number = from; number <= until; number++) found.push(number);
  }
  return [...new Set(found)];
}

class Wrong extends Error {
  /** @param {string} field @param {string} text */
  constructor(field, text) {
    super(text);
    this.field = field;
  }
}

/**
 * @param {Values} values
 * @returns {{submission?: Record<string, unknown>, wrong?: {field: string, text: string}}}
 */
export function submissionOf(values) {
  try {
    return { submission: made(values) };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { wrong: { field: error.field, text: error.message } };
  }
}

/** @param {Values} values */
function made(values) {
  if (!values.corpus && !values.corpus_text?.trim()) throw new Wrong('corpus', 'Name a corpus, choose a file, or paste its text.');
  if (values.corpus && values.corpus_text?.trim()) throw new Wrong('corpus', 'There are two corpora: empty the name or the text.');
  const seeds = numbersOf(values.seeds ?? '');
  if (!seeds) throw new Wrong('seeds', 'Seeds are whole numbers and ranges, such as 0-4,7.');
  const arms = (values.arms ?? '').split(',').map((arm) => arm.trim()).filter(Boolean);
  if (!arms.length) throw new Wrong('arms', 'Name at least one arm, such as wild_type.');
  return {
    ...(values.corpus ? { corpus: values.corpus } : { corpus_text: values.corpus_text }),
    ...(values.name ? { name: values.name } : {}),
    arms,
    seeds,
    search: searchOf(values),
    prover: proverOf(values),
    provider: { kind: 'heuristic', automation: values.automation || 'full' },
    priority: whole(values, 'priority') ?? 0,
    ...optional('time_budget_s', decimal(values, 'time_budget_s')),
  };
}

/** @param {Values} values */
function searchOf(values) {
  const budget = (values.budget ?? '').split(',').map((tier) => tier.trim());
  if (!budget.every((tier) => /^[1-9]\d{0,8}$/.test(tier))) throw new Wrong('budget', 'A budget is one or more whole numbers, such as 10,50.');
  const fraction = decimal(values, 'block_fraction');
  const duration = whole(values, 'block_duration');
  if ((fraction === undefined) !== (duration === undefined)) throw new Wrong(fraction === undefined ? 'block_fraction' : 'block_duration', 'Freezing needs both, a share and a number of iterations.');
  const probability = decimal(values, 'delay_prob');
  const lasts = whole(values, 'delay_duration');
  if ((probability === undefined) !== (lasts === undefined)) throw new Wrong(probability === undefined ? 'delay_prob' : 'delay_duration', 'Delays need both, a probability and a number of iterations.');
  const most = whole(values, 'reroute_max');
  return {
    mode: 'distributed',
    agents: whole(values, 'agents') ?? needed('agents', 'How many agents?'),
    inflight: whole(values, 'inflight') ?? needed('inflight', 'How many iterations may be under way at once?'),
    budget: budget.map(Number),
    tree: { expansion: values.expansion || 'all-successes', selection: values.selection || 'virtual-loss', backpropagation: values.backpropagation || 'uniform' },
    ...optional('provider_jitter', decimal(values, 'provider_jitter')),
    ...(fraction === undefined ? {} : { block: { fraction, duration, seed: 0 } }),
    ...(probability === undefined ? {} : { delay: { probability, duration: lasts, seed: 0 } }),
    ...(most === undefined ? {} : { reroute: { max_attempts: most } }),
  };
}

/** @param {Values} values */
function proverOf(values) {
  if (values.prover === 'synthetic') {
    return { kind: 'synthetic', ...optional('p_close', decimal(values, 'p_close')), ...optional('latency_s', decimal(values, 'latency_s')) };
  }
  return { kind: 'lean', ...optional('heartbeats', whole(values, 'heartbeats')) };
}

/** @param {string} field @param {string} text @returns {never} */
function needed(field, text) {
  throw new Wrong(field, text);
}

/** @param {string} name @param {number | undefined} value */
function optional(name, value) {
  return value === undefined ? {} : { [name]: value };
}

/** @param {Values} values @param {string} field */
function whole(values, field) {
  const text = values[field] ?? '';
  if (!text) return undefined;
  if (!/^-?\d{1,9}$/.test(text)) throw new Wrong(field, `${field} is a whole number, not ${text}.`);
  return Number(text);
}

/** @param {Values} values @param {string} field */
function decimal(values, field) {
  const text = values[field] ?? '';
  if (!text) return undefined;
  if (!Number.isFinite(Number(text))) throw new Wrong(field, `${field} is a number, not ${text}.`);
  return Number(text);
}
