// The modules under test: of the source tree, or of an installed wheel (CELLVIEW_PAGE).
import { pathToFileURL } from 'node:url';

const folder = process.env.CELLVIEW_PAGE;
if (!folder) throw new Error('CELLVIEW_PAGE is the folder of the page’s modules');

/** @param {string} name */
export const load = (name) => import(pathToFileURL(`${folder}/${name}.js`).href);

/** A small generator of numbers in [0, 1), so that a test that fails fails again. */
export function draws(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
