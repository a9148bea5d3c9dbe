// Prints what the page makes of a trace: node dump.js TRACE. The test compares it with the tree that Python saved.
import { readFileSync } from 'node:fs';
import { load } from './page.js';

const { Places } = await load('places');
const { Search } = await load('search');

const search = new Search(new Places());
search.append(readFileSync(process.argv[2]));
const names = { 4: 'solved', 5: 'dead' };
const nodes = {};
for (let node = 0; node < search.nodes; node++) {
  nodes[search.mvar[node]] = {
    state: names[search.stateAt(node, search.last)] ?? 'open',
    depth: search.depth.at(node),
    path: search.path(node).slice(1).map((at) => search.tactic[search.above.at(at)]),
    edges: search.edges[node].map((edge) => [search.tactic[edge], search.edgeDied.at(edge) <= search.last]),
  };
}
const counts = Array.from({ length: search.length }, (_, row) => {
  const at = search.iteration.at(row);
  let count = 0;
  for (let node = 0; node < search.nodes; node++) if (search.born.at(node) <= at) count++;
  return count;
});
console.log(JSON.stringify({ nodes, counts, solvedAt: search.solvedAt, proof: [...search.proof()].map((node) => search.mvar[node]).sort() }));
