/** Defines load(): a blob for each of the viewer's modules, linked by their addresses; it resolves with what the viewer exports. */

const modules = MODULES;
const IMPORT = /^([^*\n]*\bfrom )'\.\/([\w-]+\.js)';$/gm;

async function load() {
  const urls = new Map();
  for (const [name, text] of modules) {
    const linked = text.replace(IMPORT, (_, what, other) => `${what}'${urls.get(other)}';`);
    urls.set(name, URL.createObjectURL(new Blob([linked], { type: 'text/javascript' })));
  }
  return import(urls.get('viewer.js')).finally(() => urls.forEach((url) => URL.revokeObjectURL(url)));
}
