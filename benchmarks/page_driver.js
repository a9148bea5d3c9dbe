// What benchmarks/page.py does in the browser; it is served beside the page's own modules.
import { mount } from '/viewer.js';
const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const canvas = () => document.querySelector('.cv-canvas');
window.open_ = async (name) => {
  window.viewer?.destroy();
  const bytes = new Uint8Array(await (await fetch(name)).arrayBuffer());
  const began = performance.now();
  window.viewer = mount(document.querySelector('main'), { traces: [{ label: name, text: bytes }] });
  await viewer.drawn();
  return { bytes: bytes.length, load_ms: performance.now() - began };
};
const acts = {
  pan: (index) => {
    const at = (type, x, y, buttons) => canvas().dispatchEvent(new PointerEvent(type, { pointerId: 1, clientX: x, clientY: y, buttons, bubbles: true }));
    canvas().setPointerCapture = () => undefined;
    at('pointerdown', 400, 400, 1);
    at('pointermove', 400 + (index % 2 ? 40 : -40), 400 + (index % 3 ? 25 : -50), 1);
    at('pointerup', 400, 400, 0);
  },
  zoom: (index) => canvas().dispatchEvent(new WheelEvent('wheel', { deltaY: index % 12 < 6 ? -200 : 200, clientX: 500, clientY: 400, bubbles: true, cancelable: true })),
  scrub: (index) => viewer.seek((index * 7919) % (viewer.where().last + 1)),
};
window.measure = async (act, frames) => {
  const took = [];
  viewer.fit();
  await viewer.drawn();
  for (let index = 0; index < frames; index++) {
    await frame();
    const began = performance.now();
    acts[act](index);
    const handled = performance.now() - began;
    const drawing = await viewer.drawn();
    const read = performance.now();
    canvas().getContext('2d').getImageData(0, 0, 1, 1);
    took.push(handled + drawing + performance.now() - read);
  }
  return took;
};
window.live = async (lines, perSecond, seconds) => {
  window.viewer?.destroy();
  window.viewer = mount(document.querySelector('main'), { traces: [{ label: 'live', finished: false }], live: true });
  const tick = 100;
  const each = (perSecond * tick) / 1000;
  const gaps = [];
  const appends = [];
  let last = performance.now();
  let running = true;
  const watch = (now) => { gaps.push(now - last); last = now; if (running) requestAnimationFrame(watch); };
  requestAnimationFrame((now) => { last = now; requestAnimationFrame(watch); });
  const began = performance.now();
  for (let sent = 0; sent < perSecond * seconds; sent += each) {
    const due = began + (sent / perSecond) * 1000;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    const before = performance.now();
    viewer.append(0, lines.slice(sent, sent + each).join('\n') + '\n');
    appends.push(performance.now() - before);
  }
  const behind_ms = performance.now() - began - seconds * 1000;
  running = false;
  return { gaps, appends, behind_ms, last: viewer.where().iteration };
};
window.ready_ = true;
