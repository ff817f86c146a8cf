// The kernel's entry: JSON in, JSON out, no DOM. goja runs it.
import { echarts } from './echarts';
import { ChartError, readChart } from './sanitize';
import { describe, dress, PAPER, theme, title } from './theme';

/**
 * Draws one chart. The answer holds either an error for people to read, or the
 * SVG as ECharts writes it, which still has to be cleaned.
 */
export function render(json: string, width: number): string {
  let chart: ReturnType<typeof echarts.init> | null = null;
  try {
    const { option, height } = readChart(JSON.parse(json));
    chart = echarts.init(null, theme(PAPER), { renderer: 'svg', ssr: true, width, height });
    chart.setOption(dress(option, PAPER) as never);
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
