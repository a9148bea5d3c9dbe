/**
 * Cumulated visits and successes of a goal over time, as a small drawing.
 *
 * @module
 */

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 260;
const HEIGHT = 52;
const MOST_POINTS = 200;

/**
 * @param {object} what
 * @param {number[]} what.iterations Of the visits.
 * @param {boolean[]} what.successes Likewise.
 * @param {number} what.last The time's end.
 * @param {number} what.iteration Where we are.
 * @param {(iteration: number) => void} what.onSeek
 */
export function spark({ iterations, successes, last, iteration, onSeek }) {
  const svg = element('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'cv-spark', role: 'img', 'aria-label': `${iterations.length} visits in all, ${successes.filter(Boolean).length} with success` });
  const end = Math.max(1, last);
  svg.append(
    element('path', { class: 'cv-spark-visits', d: steps(iterations, () => true, end, iterations.length) }),
    element('path', { class: 'cv-spark-successes', d: steps(iterations, (index) => successes[index], end, iterations.length) }),
    element('line', { class: 'cv-spark-now', x1: String((iteration / end) * WIDTH), x2: String((iteration / end) * WIDTH), y1: '0', y2: String(HEIGHT) }),
  );
  svg.addEventListener('click', (event) => {
    const box = svg.getBoundingClientRect();
    onSeek(Math.round(((event.clientX - box.left) / Math.max(1, box.width)) * end));
  });
  return svg;
}

/**
 * @param {number[]} iterations
 * @param {(index: number) => boolean} counts
 * @param {number} end
 * @param {number} most
 */
function steps(iterations, counts, end, most) {
  const every = Math.max(1, Math.floor(iterations.length / MOST_POINTS));
  let total = 0;
  let path = `M0 ${HEIGHT - 1}`;
  iterations.forEach((at, index) => {
    if (counts(index)) total++;
    if (index % every === 0 || index === iterations.length - 1) {
      path += `H${round((at / end) * WIDTH)}V${round(HEIGHT - 1 - (total / Math.max(1, most)) * (HEIGHT - 4))}`;
    }
  });
  return `${path}H${WIDTH}`;
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 */
function element(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
