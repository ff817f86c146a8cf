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

  // A notebook that is shown by itself, as Notebook 7 does.
  async function opened(path) {
    const widget = await until(path + ' is shown', () => app.shell.currentWidget?.content?.model?.cells && app.shell.currentWidget);
    await widget.context.ready;
    await until('the kernel of ' + path, () => widget.sessionContext.isReady || declineKernel());
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

  // JupyterLab's splash screen goes 200 ms after its work is done. When it comes
  // again meanwhile, it is taken away twice, and the second time is an exception.
  const splashGone = () => until('the splash screen is gone', () => !document.getElementById('jupyterlab-splash'));

  async function theme(dark) {
    const name = dark ? 'JupyterLab Dark' : 'JupyterLab Light';
    await splashGone();
    await app.commands.execute('apputils:change-theme', { theme: name });
    await until('the theme ' + name, () => {
      const color = getComputedStyle(document.body).getPropertyValue('--jp-layout-color0').trim();
      return document.body.dataset.jpThemeName === name && color !== '' && (color === 'white' || color === '#fff') !== dark;
    });
    await splashGone();
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

  // Puts text into a cell and the cursor at an offset in it, as if somebody had
  // just typed there.
  async function type(index, text, offset) {
    const { content } = panel();
    await content.scrollToItem(index, 'center');
    content.activeCellIndex = index;
    content.mode = 'edit';
    const cell = content.activeCell;
    cell.model.sharedModel.setSource(text);
    await until('the editor of cell ' + index, () => cell.editor);
    cell.editor.setCursorPosition(cell.editor.getPositionAt(offset));
    cell.editor.focus();
    await until('the cursor in cell ' + index, () => cell.editor.hasFocus());
    return true;
  }

  const shown = selector => [...document.querySelectorAll(selector)].find(e => e.checkVisibility() && !e.classList.contains('lm-mod-hidden'));

  // What the completer that is open proposes: [{text, type}], and what its panel
  // says of the first.
  async function proposals() {
    const box = await until('the completer', () => {
      const box = shown('.jp-Completer');
      return box?.querySelector('.jp-Completer-item') ? box : undefined;
    }, 10);
    return [...box.querySelectorAll('.jp-Completer-item')].map(item => ({
      text: item.querySelector('.jp-Completer-match')?.textContent ?? '',
      type: item.querySelector('.jp-Completer-typeExtended')?.textContent ?? ''
    }));
  }

  function completing() {
    return shown('.jp-Completer')?.querySelector('.jp-Completer-item') != null;
  }

  async function documented() {
    return until('the documentation beside the completer', () => shown('.jp-Completer-docpanel')?.textContent, 10);
  }

  async function tooltip() {
    const box = await until('the tooltip', () => shown('.jp-Tooltip'), 10);
    return box.textContent;
  }

  return { open, opened, run, cells, charts, theme, close, type, proposals, completing, documented, tooltip };
})();
