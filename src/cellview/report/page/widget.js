/** The viewer as an anywidget: the model has `traces` ({label, text}) and `height` in pixels. LOADER stands above. */

async function render({ model, el }) {
  const { mount } = await load();
  const home = document.createElement('div');
  el.replaceChildren(home);
  let viewer = null;
  const show = () => {
    viewer?.destroy();
    home.style.height = `${model.get('height')}px`;
    viewer = mount(home, { traces: model.get('traces') });
  };
  model.on('change:traces', show);
  model.on('change:height', show);
  show();
  return () => {
    model.off('change:traces', show);
    model.off('change:height', show);
    viewer?.destroy();
    home.remove();
  };
}

export default { render };
