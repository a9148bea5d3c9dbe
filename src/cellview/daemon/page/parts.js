/**
 * What several views show of experiments and searches.
 *
 * @module
 */

import { ApiError, api } from './api.js';
import { button, make } from './dom.js';

/** @import { Experiment, SearchStatus } from './api.js' */

const FINAL = new Set(['finished', 'failed', 'cancelled']);

/** @param {string} state */
export function stateChip(state) {
  return make('span', { class: `chip chip-${state}` }, [state.replaceAll('_', ' ')]);
}

/** @param {Experiment} experiment */
export function progressOf(experiment) {
  const { points, done, solved, running } = experiment;
  const text = `${done} of ${points}`;
  const bar = make('span', { class: 'bar', role: 'img', 'aria-label': `${text} searches done, ${solved} with a proof` });
  for (const [kind, count] of /** @type {const} */ ([['solved', solved], ['done', done - solved], ['running', running]])) {
    const part = make('span', { class: `bar-${kind}` });
    part.style.width = `${(100 * count) / Math.max(1, points)}%`;
    bar.append(part);
  }
  return make('span', { class: 'progress' }, [bar, make('span', { class: 'progress-words', 'aria-hidden': 'true' }, [text])]);
}

/**
 * How long ago, in words that do not tick.
 *
 * @param {number} at Seconds since 1970.
 * @param {number} now Likewise.
 */
export function ago(at, now) {
  const seconds = Math.max(0, now - at);
  for (const [unit, length] of /** @type {const} */ ([['day', 86400], ['hour', 3600], ['minute', 60]])) {
    const count = Math.floor(seconds / length);
    if (count >= 1) return `${count} ${unit}${count > 1 ? 's' : ''} ago`;
  }
  return 'just now';
}

/** @param {number} at Seconds since 1970. */
export function timeOf(at) {
  const date = new Date(at * 1000);
  return make('time', { datetime: date.toISOString(), title: date.toLocaleString() }, [ago(at, Date.now() / 1000)]);
}

/**
 * Buttons for what may be done with an experiment now.
 *
 * @param {Experiment} experiment
 * @param {(changed: Experiment | null) => void} onChanged `null`: it is no more.
 * @param {(text: string) => void} onRefused
 */
export function stepsOf(experiment, onChanged, onRefused) {
  /** @param {() => Promise<Experiment | null>} doIt */
  const doing = (doIt) => async () => {
    try {
      onChanged(await doIt());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      onRefused(error.message);
    }
  };
  const { id, state, name, pinned } = experiment;
  const named = (/** @type {string} */ what) => ({ 'aria-label': `${what} ${name || id}` });
  /** @type {HTMLElement[]} */
  const steps = [];
  if (state === 'queued' || state === 'running') steps.push(button('Pause', doing(() => api.take(id, 'pause')), named('Pause')));
  if (state === 'paused') steps.push(button('Resume', doing(() => api.take(id, 'resume')), named('Resume')));
  if (!FINAL.has(state)) steps.push(button('Cancel', sure('Cancel', 'End it for good?', doing(() => api.take(id, 'cancel'))), { ...named('Cancel'), class: 'grave' }));
  if (pinned !== undefined) steps.push(button(pinned ? 'Unpin' : 'Pin', doing(() => api.change(id, { pinned: !pinned })), { ...named(pinned ? 'Unpin' : 'Pin'), title: 'What is pinned is never removed' }));
  if (FINAL.has(state) && !pinned) steps.push(button('Delete', sure('Delete', 'Remove it with its run folder?', doing(async () => (await api.remove(id), null))), { ...named('Delete'), class: 'grave' }));
  return steps;
}

/**
 * Asks first, in the page: what cannot be taken back takes two deliberate steps.
 *
 * @param {string} verb
 * @param {string} question
 * @param {() => void} then
 */
function sure(verb, question, then) {
  return () => {
    const dialog = make('dialog', { class: 'sure', 'aria-label': question });
    const close = () => dialog.close();
    dialog.append(make('p', {}, [question]), make('div', { class: 'choices' }, [button('Keep it', close), button(`${verb} it`, () => (close(), then()), { class: 'main grave' })]));
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  };
}

/**
 * In one word, what became of a search.
 *
 * @param {SearchStatus} search
 */
export function outcomeOf(search) {
  if (search.state === 'done') return search.solved ? 'solved' : (search.stop_reason ?? 'ended');
  return search.state === 'set_aside' ? 'set aside' : search.state;
}
