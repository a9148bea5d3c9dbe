/** What moves in a report: the table of searches, and the viewer of one of them. It asks nothing of any server. */

import { mount } from 'cellview/viewer.js';

const MOST = 4;
const $ = (id) => document.getElementById(id);

// --- the table ------------------------------------------------------------------------------------------------------

const rows = [...document.querySelectorAll('#searches tbody tr')];

function choose() {
  const text = $('find').value.trim().toLowerCase();
  const outcome = $('outcome').value;
  let shown = 0;
  for (const row of rows) {
    const named = row.querySelector('summary').textContent.toLowerCase().includes(text);
    row.hidden = !named || (outcome !== '' && row.dataset.outcome !== outcome);
    if (!row.hidden) shown++;
  }
  $('shown').textContent = shown === rows.length ? `${shown} searches` : `${shown} of ${rows.length} searches`;
}

function sort(button) {
  const head = button.closest('th');
  const column = [...head.parentElement.children].indexOf(head);
  const down = head.getAttribute('aria-sort') === 'ascending';
  for (const other of head.parentElement.children) other.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
  const number = head.classList.contains('number');
  const valueOf = (row) => {
    const cell = row.children[column];
    const text = (cell.querySelector('summary') ?? cell).textContent;
    return number ? Number(text.replaceAll('\u2009', '').replace('–', '-1')) : text;
  };
  const order = (a, b) => (number ? a - b : a.localeCompare(b, 'en', { numeric: true }));
  const sorted = rows.map((row, place) => ({ row, place, value: valueOf(row) }));
  sorted.sort((a, b) => (down ? -1 : 1) * order(a.value, b.value) || a.place - b.place);
  rows[0]?.parentElement.append(...sorted.map(({ row }) => row));
}

$('choose').addEventListener('submit', (event) => event.preventDefault());
$('find').addEventListener('input', choose);
$('outcome').addEventListener('change', choose);
for (const button of document.querySelectorAll('#searches thead button')) button.addEventListener('click', () => sort(button));
choose();

// --- the viewer -----------------------------------------------------------------------------------------------------

const index = JSON.parse($('index').textContent);
const byKey = new Map(index.map((search) => [search.key, search]));
let viewer = null;

/** What a search is called beside others of its theorem. */
function nameOf(search, others) {
  const parts = [search.arm];
  if (others.some((other) => other.seed !== search.seed)) parts.push(`seed ${search.seed}`);
  if (others.some((other) => other.run !== search.run)) parts.unshift(search.run);
  return parts.join(', ');
}

const sameTheorem = (search) => index.filter((other) => other.theorem === search.theorem);

async function unpacked(stream) {
  const reader = new Response(stream.pipeThrough(new DecompressionStream('gzip')));
  return new Uint8Array(await reader.arrayBuffer());
}

function traceOf(search) {
  const bytes = Uint8Array.from(atob($(`trace-${search.number}`).textContent), (letter) => letter.charCodeAt(0));
  return unpacked(new Blob([bytes]).stream());
}

function say(words) {
  $('said').textContent = words;
}

function show(traces) {
  viewer?.destroy();
  viewer = null;
  $('viewer').replaceChildren();
  try {
    viewer = mount($('viewer'), { traces });
    say('');
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}

async function showSearches(searches) {
  const traces = await Promise.all(searches.map(async (search) => ({
    label: nameOf(search, sameTheorem(search)),
    text: await traceOf(search),
  })));
  show(traces);
}

/** Fills in the choices, and draws. */
async function watch(key, { beside = [], remember = true } = {}) {
  const search = byKey.get(key);
  if (!search) {
    say('The trace of that search is not in this file: drop it here.');
    return;
  }
  $('search').value = key;
  const others = sameTheorem(search).filter((other) => other !== search);
  $('beside-all').hidden = others.length === 0;
  $('beside').replaceChildren(...others.map((other) => choiceOf(other, others.concat(search), beside.includes(other.key))));
  limit();
  if (remember) history.replaceState(null, '', `#watch=${encodeURIComponent(key)}`);
  await showSearches([search, ...others.filter((other) => beside.includes(other.key))].slice(0, MOST));
}

function choiceOf(search, all, checked) {
  const label = document.createElement('label');
  const box = document.createElement('input');
  box.type = 'checkbox';
  box.value = search.key;
  box.checked = checked;
  label.append(box, ` ${nameOf(search, all)}`);
  return label;
}

const chosen = () => [...$('beside').querySelectorAll('input:checked')].map((box) => box.value);

function limit() {
  const full = chosen().length >= MOST - 1;
  for (const box of $('beside').querySelectorAll('input')) box.disabled = full && !box.checked;
}

async function open(files) {
  const few = [...files].slice(0, MOST);
  if (few.length === 0) return;
  try {
    const traces = await Promise.all(few.map(async (file) => ({
      label: file.name.replace(/_mcts_trace\.jsonl(\.gz)?$/, ''),
      text: file.name.endsWith('.gz') ? await unpacked(file.stream()) : new Uint8Array(await file.arrayBuffer()),
    })));
    show(traces);
  } catch (error) {
    say(`${few.map((file) => file.name).join(', ')} cannot be opened: ${error instanceof Error ? error.message : error}`);
    return;
  }
  $('watch').scrollIntoView();
}

for (const search of index) {
  const option = document.createElement('option');
  option.value = search.key;
  option.textContent = `${search.theorem} · ${nameOf(search, index)} · ${search.solved ? 'solved' : 'unsolved'}, ${search.iterations} iterations`;
  $('search')?.append(option);
}

$('watch-controls').addEventListener('submit', (event) => event.preventDefault());
$('search')?.addEventListener('change', () => watch($('search').value));
$('beside').addEventListener('change', () => {
  limit();
  watch($('search').value, { beside: chosen() });
});
$('file').addEventListener('change', () => open($('file').files));
document.addEventListener('dragover', (event) => event.preventDefault());
document.addEventListener('drop', (event) => {
  event.preventDefault();
  open(event.dataTransfer?.files ?? []);
});

function follow() {
  const named = /^#watch=(.+)$/.exec(location.hash);
  if (!named) return false;
  watch(decodeURIComponent(named[1]), { remember: false });
  $('watch').scrollIntoView();
  return true;
}

window.addEventListener('hashchange', follow);

// The first search to see is the largest proof; it is unpacked when its place comes into sight.
const first = index.reduce((best, search) => (best === null || value(search) > value(best) ? search : best), null);
function value(search) {
  return search.nodes + (search.solved ? 1e9 : 0);
}
if (!follow() && first) {
  const sight = new IntersectionObserver((seen) => {
    if (!seen.some((entry) => entry.isIntersecting) || viewer) return;
    sight.disconnect();
    watch(first.key, { remember: false });
  }, { rootMargin: '300px' });
  sight.observe($('viewer'));
}
