// Helpers of package browser, put into the page of a JupyterLab that was started
// with LabApp.expose_app_in_browser. Waiting is by condition, with an end.
window.__gopark ??= (() => {
  const app = window.jupyterapp;
  const MIME = 'application/vnd.gopark.chart+json';

  async function until(what, condition, seconds = 60) {
    const end = performance.now() + seconds * 1000;
    for (;;) {
      const value = condition();
      if (value) {
        return value;
      }
      if (performance.now() > end) {
        throw new Error(`after ${seconds} s still not: ${what}`);
      }
      await new Promise(resolve => setTimeout(resolve, 25));
    }
  }

  const panel = () => {
    const current = app.shell.currentWidget;
    if (!current?.content?.model?.cells) {
      throw new Error('no notebook is shown: call Notebook first');
    }
    return current;
  };

  // A notebook whose kernel is not installed asks which one to take instead.
  const declineKernel = () => {
    const button = [...document.querySelectorAll('.jp-Dialog button')].find(button =>
      button.textContent.includes('No Kernel')
    );
    button?.click();
    return button !== undefined;
  };

  async function open(path) {
    await app.restored;
    const widget = await app.commands.execute('docmanager:open', { path, factory: 'Notebook' });
    if (!widget) {
      throw new Error(`JupyterLab does not open ${path}`);
    }
    await widget.context.ready;
    // A notebook without a kernel never becomes ready.
    await until('the kernel of ' + path, () => widget.sessionContext.isReady || declineKernel());
    app.shell.activateById(widget.id);
    await until(path + ' is shown', () => app.shell.currentWidget === widget);
    await widget.revealed;
    return true;
  }

  const cells = () =>
    [...panel().content.model.cells].map(cell => ({
      type: cell.type,
      source: cell.sharedModel.getSource(),
      count: cell.executionCount ?? 0,
      outputs: cell.outputs?.toJSON() ?? []
    }));

  async function run() {
    const { sessionContext } = panel();
    if (!sessionContext.session?.kernel) {
      throw new Error('the notebook has no kernel');
    }
    await app.commands.execute('notebook:run-all-cells');
    return cells();
  }

  const ours = cell => (cell.outputs?.toJSON() ?? []).filter(output => output.data?.[MIME]).length;

  // Scrolls to each cell with charts, since the Lab draws only what is near.
  async function charts() {
    const { content } = panel();
    const result = { wanted: 0, drawn: 0, refused: [] };
    for (const [i, cell] of [...content.model.cells].entries()) {
      const wanted = ours(cell);
      if (!wanted) {
        continue;
      }
      result.wanted += wanted;
      await content.scrollToItem(i, 'center');
      const node = content.widgets[i].node;
      const boxes = () => [...node.querySelectorAll('.gopark-chart')];
      const drawn = () => boxes().filter(box => box.querySelector('svg path'));
      const refused = () => boxes().filter(box => box.querySelector(':scope > p'));
      await until(`the charts of cell ${i}`, () => drawn().length + refused().length >= wanted, 10).catch(() => {});
      result.drawn += drawn().length;
      result.refused.push(...refused().map(box => box.textContent));
    }
    return result;
  }

  async function theme(dark) {
    const name = dark ? 'JupyterLab Dark' : 'JupyterLab Light';
    await app.commands.execute('apputils:change-theme', { theme: name });
    await until('the theme ' + name, () => {
      const color = getComputedStyle(document.body).getPropertyValue('--jp-layout-color0').trim();
      return document.body.dataset.jpThemeName === name && color !== '' && (color === 'white' || color === '#fff') !== dark;
    });
    return true;
  }

  async function close() {
    const current = panel();
    const { sessionContext } = current;
    current.context.model.dirty = false;
    await sessionContext.shutdown().catch(() => {});
    current.dispose();
    return true;
  }

  return { open, run, cells, charts, theme, close };
})();
