// The kernel's entry: JSON in, JSON out, no DOM. goja runs it.
import { platformApi, setPlatformAPI } from 'zrender/lib/core/platform.js';
import { echarts } from './echarts';
import { ChartError, isObject, list, readChart, type JsonObject } from './sanitize';
import { describe, dress, PAPER, theme, title } from './theme';

// Without a browser, text is measured by a table of Helvetica's widths. Whoever
// opens the file may have a wider font, and DejaVu Sans is the widest of those
// that PAPER names: room to spare looks better than words that touch.
const WIDEST = 1.15;
const { measureText } = platformApi;
setPlatformAPI({
  measureText: (text, font) => ({ width: measureText(text, font).width * WIDEST })
});

/**
 * Draws one chart. The answer holds either an error for people to read, or the
 * SVG as ECharts writes it, which still has to be cleaned.
 */
export function render(json: string, width: number): string {
  let chart: ReturnType<typeof echarts.init> | null = null;
  try {
    const { option, height } = readChart(JSON.parse(json));
    chart = echarts.init(null, theme(PAPER), { renderer: 'svg', ssr: true, width, height });
    chart.setOption(dress(still(option), PAPER) as never);
    return JSON.stringify({
      svg: chart.renderToSVGString(),
      title: title(option),
      description: describe(option)
    });
  } catch (error) {
    const reason = error instanceof ChartError ? error.message : `ECharts says: ${String(error)}`;
    return JSON.stringify({ error: reason });
  } finally {
    chart?.dispose();
  }
}

/** A picture does not show handles that nobody can pull. */
function still(option: JsonObject): JsonObject {
  const dataZoom = list(option.dataZoom).map(zoom =>
    isObject(zoom) ? { ...zoom, show: false } : null
  );
  return { ...option, dataZoom };
}
