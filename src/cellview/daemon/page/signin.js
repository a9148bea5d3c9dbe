/**
 * The door: a daemon that can be reached by others wants its token, and gives a cookie for it.
 *
 * @module
 */

import { ApiError, api } from './api.js';
import { make } from './dom.js';

/**
 * Resolves when the daemon lets us in.
 *
 * @param {HTMLElement} content
 */
export async function signIn(content) {
  for (;;) {
    try {
      const session = await api.session();
      if (!session.wanted || session.given) return;
      break;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 404) return; // a daemon without sessions
      content.replaceChildren(make('p', { class: 'waiting', role: 'status' }, [`${error.message} Trying again…`]));
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
  await askForToken(content);
}

/** @param {HTMLElement} content */
function askForToken(content) {
  return new Promise((resolve) => {
    const field = /** @type {HTMLInputElement} */ (make('input', { type: 'password', id: 'token', autocomplete: 'current-password', required: true }));
    const said = make('p', { role: 'alert', class: 'said' });
    const form = make('form', { class: 'door' }, [
      make('h1', {}, ['Sign in']),
      make('p', {}, ['This daemon can be reached by others, so it wants its token. The one who started it has it.']),
      make('label', { for: 'token' }, ['Token']),
      field,
      make('button', { class: 'main' }, ['Sign in']),
      said,
    ]);
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      try {
        await api.openSession(field.value);
        resolve(undefined);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        said.textContent = error.status === 401 || error.status === 403 ? 'That is not its token.' : error.message;
        field.select();
      }
    });
    content.replaceChildren(form);
    field.focus();
  });
}
