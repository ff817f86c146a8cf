// The palette of the JupyterLab theme that is in force around an element.
import { luminance } from './series';
import { PAPER, type Palette } from './theme';

/**
 * Reads the Lab's CSS variables, so that any theme works, those of other
 * extensions too. Dark or light is told by the background itself: the attribute
 * on the body changes at another moment than the style sheet.
 *
 * @param probe an element whose background is var(--jp-layout-color0).
 */
export function labPalette(probe: HTMLElement): Palette {
  const css = getComputedStyle(probe);
  const dark = (luminance(css.backgroundColor) ?? 1) < 0.179;
  const read = (name: string, otherwise: string): string =>
    css.getPropertyValue(name).trim() || otherwise;
  return {
    dark,
    background: 'transparent',
    text: read('--jp-ui-font-color1', dark ? '#eeeeee' : PAPER.text),
    muted: read('--jp-ui-font-color2', dark ? '#aaaaaa' : PAPER.muted),
    line: read('--jp-border-color1', dark ? '#555555' : PAPER.line),
    grid: read('--jp-border-color2', dark ? '#444444' : PAPER.grid),
    panel: read('--jp-layout-color1', dark ? '#111111' : PAPER.panel),
    font: read('--jp-ui-font-family', PAPER.font)
  };
}
