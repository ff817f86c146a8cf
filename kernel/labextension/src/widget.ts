import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Widget } from '@lumino/widgets';
import { echarts } from './echarts';
import { labPalette } from './labpalette';
import { ChartError, readChart, type Chart } from './sanitize';
import { dress, theme } from './theme';

type Instance = ReturnType<typeof echarts.init>;

/**
 * One chart in one output. It draws when it is attached and has a size, and
 * again when the size or the Lab's theme changes; detached (scrolled far away,
 * in a windowed notebook) it listens to nothing and keeps its state.
 */
export class ChartWidget extends Widget implements IRenderMime.IRenderer {
  constructor(options: IRenderMime.IRendererOptions) {
    super();
    this._mimeType = options.mimeType;
    this.addClass('gopark-chart');
    this._canvas = document.createElement('div');
    // The probe changes colour with the theme, and a change of colour is an
    // event if it takes time. Nothing else tells when a style sheet is in
    // force: a MIME extension is given no theme manager, and the attributes of
    // the body change earlier.
    this._probe = document.createElement('i');
    this._probe.setAttribute('aria-hidden', 'true');
    Object.assign(this._probe.style, {
      position: 'absolute',
      width: '0',
      height: '0',
      visibility: 'hidden',
      background: 'var(--jp-layout-color0, #fff)',
      color: 'var(--jp-ui-font-color1, #000)',
      transition: 'background-color 1ms, color 1ms'
    });
    this._resized = new ResizeObserver(() => this._later());
    this._renamed = new MutationObserver(() => this._later());
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this._clear();
    try {
      this._folded = readChart(model.data[this._mimeType]);
      const button = this._folded.open ? [this._opener()] : [];
      this.node.replaceChildren(this._probe, ...button, this._canvas);
      this._show(this._folded);
    } catch (error) {
      this._refuse(error, model);
    }
  }

  private _show(chart: Chart): void {
    this._chart = chart;
    this._key = '';
    this._canvas.style.height = `${chart.height}px`;
    this._draw();
  }

  /** A button that shows the open chart instead of the folded one, and back. */
  private _opener(): HTMLButtonElement {
    const button = document.createElement('button');
    button.className = 'jp-mod-styled jp-mod-minimal gopark-chart-open';
    // Beside the title, where charts leave room.
    this.node.style.position = 'relative';
    Object.assign(button.style, { position: 'absolute', right: '8px', top: '0', zIndex: '1' });
    const label = (open: boolean): void => {
      button.textContent = open ? 'Fold rows' : 'Open folded rows';
      button.setAttribute('aria-expanded', String(open));
    };
    label(false);
    button.addEventListener('click', () => {
      const open = this._chart === this._folded;
      label(open);
      this._instance?.dispose();
      this._instance = null;
      const chart = open ? this._folded?.open : this._folded;
      if (chart) {
        this._show(chart);
      }
    });
    return button;
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._unlisten();
      this._clear();
      super.dispose();
    }
  }

  protected onAfterAttach(): void {
    this._resized.observe(this.node);
    this._renamed.observe(document.body, {
      attributes: true,
      attributeFilter: ['data-jp-theme-light', 'data-jp-theme-name']
    });
    this._probe.addEventListener('transitionend', this._later);
    this._later();
  }

  protected onBeforeDetach(): void {
    this._unlisten();
  }

  private _unlisten(): void {
    this._resized.disconnect();
    this._renamed.disconnect();
    this._probe.removeEventListener('transitionend', this._later);
    cancelAnimationFrame(this._frame);
    this._frame = 0;
  }

  /** Draws before the next frame, once, however many reasons there are. */
  private readonly _later = (): void => {
    this._frame ||= requestAnimationFrame(() => {
      this._frame = 0;
      try {
        this._draw();
      } catch (error) {
        this._refuse(error, null);
      }
    });
  };

  private _draw(): void {
    const { clientWidth: width, clientHeight: height } = this._canvas;
    if (!this._chart || width < 20 || height < 20) {
      return; // hidden or not attached: the size will change
    }
    const palette = labPalette(this._probe);
    const key = JSON.stringify(palette);
    // Without an option yet, setTheme does nothing: a new instance needs it here.
    const instance = (this._instance ??= echarts.init(this._canvas, theme(palette), {
      renderer: 'svg',
      width,
      height
    }));
    if (key !== this._key) {
      // Not a new instance: what the reader has hidden or zoomed stays so.
      this._key = key;
      instance.setTheme(theme(palette));
      instance.setOption(dress(this._chart.option, palette) as never);
      // ECharts gives the box a label; the role says that it is one picture.
      this._canvas.setAttribute('role', 'img');
    }
    if (instance.getWidth() !== width || instance.getHeight() !== height) {
      instance.resize({ width, height });
    }
  }

  private _clear(): void {
    this._instance?.dispose();
    this._instance = null;
    this._chart = this._folded = null;
    this._key = '';
    this._canvas.removeAttribute('aria-label');
  }

  /** Draws nothing by halves: says why, and shows the text that came along. */
  private _refuse(error: unknown, model: IRenderMime.IMimeModel | null): void {
    this._clear();
    const reason = error instanceof ChartError ? error.message : `ECharts says: ${String(error)}`;
    const note = document.createElement('p');
    note.textContent = `This chart cannot be drawn: ${reason}.`;
    const text = model?.data['text/plain'];
    const table = document.createElement('pre');
    table.textContent = Array.isArray(text) ? text.join('') : String(text ?? '');
    this.node.replaceChildren(note, ...(text === undefined ? [] : [table]));
  }

  private readonly _mimeType: string;
  private readonly _canvas: HTMLDivElement;
  private readonly _probe: HTMLElement;
  private readonly _resized: ResizeObserver;
  private readonly _renamed: MutationObserver;
  private _chart: Chart | null = null;
  private _folded: Chart | null = null;
  private _instance: Instance | null = null;
  private _key = '';
  private _frame = 0;
}
