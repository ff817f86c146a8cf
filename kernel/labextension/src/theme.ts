// The look of a chart, in JupyterLab and in a file: an ECharts theme made of a
// dozen colours, and what an option needs before it is drawn with it. Pure.

import { isObject, list, type JsonObject } from './sanitize';

export interface Palette {
  dark: boolean;
  /** Behind the chart: "transparent" where a page shows through. */
  background: string;
  text: string;
  muted: string;
  line: string;
  grid: string;
  panel: string;
  font: string;
}

/** For a file, which does not know what it will stand on. */
export const PAPER: Palette = {
  dark: false,
  background: '#ffffff',
  text: '#212121',
  muted: '#5f6368',
  line: '#bdbdbd',
  grid: '#e6e6e6',
  panel: '#ffffff',
  font: "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif"
};

// Okabe and Ito's colours, told apart with any colour vision; some are lighter
// or darker than theirs, so that each has a contrast of 3 with its background.
const ON_LIGHT = ['#0072b2', '#d55e00', '#009073', '#b0578d', '#997300', '#3a86c8', '#5b5b5b'];
const ON_DARK = ['#56b4e9', '#f0a43a', '#2fc79a', '#dd8fbd', '#f0e442', '#f08a5d', '#b5bdc9'];

/** An I-beam: what an error bar looks like, for the legend. */
const ERRORBAR_ICON = 'path://M0 0h10v2h-4v10h4v2h-10v-2h4v-10h-4z';

/** Lines: what links are. */
const LINK_ICON = 'path://M4.4 0h1.2v12h-1.2z';
const DASHED_ICON = 'path://M4.4 0h1.2v3h-1.2zM4.4 4.5h1.2v3h-1.2zM4.4 9h1.2v3h-1.2z';

export function theme(p: Palette): JsonObject {
  const axis = {
    axisLine: { lineStyle: { color: p.line } },
    axisTick: { lineStyle: { color: p.line } },
    axisLabel: { color: p.muted },
    nameTextStyle: { color: p.muted },
    splitLine: { lineStyle: { color: [p.grid] } },
    splitArea: { areaStyle: { color: ['transparent', 'transparent'] } }
  };
  const label = { color: p.text, textBorderColor: 'transparent', textBorderWidth: 0 };
  return {
    darkMode: p.dark,
    backgroundColor: p.background,
    color: p.dark ? ON_DARK : ON_LIGHT,
    textStyle: { fontFamily: p.font, color: p.text },
    title: {
      left: 0,
      top: 0,
      textStyle: { color: p.text, fontSize: 14, fontWeight: 600 },
      subtextStyle: { color: p.muted }
    },
    // ECharts 6 puts it at the bottom, over the labels of the axis.
    legend: {
      top: 28,
      bottom: 'auto',
      itemGap: 16,
      textStyle: { color: p.muted },
      inactiveColor: p.line,
      pageTextStyle: { color: p.muted }
    },
    tooltip: {
      backgroundColor: p.panel,
      borderColor: p.line,
      borderWidth: 1,
      textStyle: { color: p.text, fontSize: 12 }
    },
    axisPointer: {
      lineStyle: { color: p.muted },
      crossStyle: { color: p.muted },
      label: { backgroundColor: p.muted, color: p.panel }
    },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: axis,
    logAxis: axis,
    timeAxis: axis,
    dataZoom: {
      borderColor: p.line,
      textStyle: { color: p.muted },
      handleStyle: { color: p.panel, borderColor: p.muted },
      moveHandleStyle: { color: p.line },
      dataBackground: { lineStyle: { color: p.line }, areaStyle: { color: p.grid } }
    },
    visualMap: { textStyle: { color: p.muted } },
    // The default symbol is a white disc, which shouts on a dark page.
    line: { symbol: 'circle', symbolSize: 5 },
    bar: { label },
    boxplot: { itemStyle: { color: 'transparent', borderWidth: 1.5 } },
    radar: { axisName: { color: p.muted } },
    pie: { label },
    sankey: { label },
    graph: { label },
    tree: { label },
    // The default place is behind the right edge, where it is cut off.
    markLine: {
      label: { color: p.muted, position: 'insideEndTop' },
      lineStyle: { color: p.muted }
    },
    markPoint: { label: { color: p.panel } }
  };
}

/**
 * Completes a sanitised option for a palette. The result is new; only what it
 * changes is copied.
 */
export function dress(option: JsonObject, p: Palette): JsonObject {
  const icons = new Map<string, string>();
  const series = list(option.series).map(item => {
    if (isObject(item) && item.type === 'custom' && item.renderItem === 'link') {
      const payload = isObject(item.itemPayload) ? item.itemPayload : {};
      if (typeof item.name === 'string') {
        icons.set(item.name, payload.dashed === true ? DASHED_ICON : LINK_ICON);
      }
      return { color: p.muted, z: 4, ...item };
    }
    if (!isObject(item) || item.type !== 'custom' || item.renderItem !== 'errorbar') {
      return item as JsonObject;
    }
    if (typeof item.name === 'string') {
      icons.set(item.name, ERRORBAR_ICON);
    }
    // Error bars stand on bars of every colour: only the text's is seen on all.
    return { color: p.text, z: 5, ...item };
  });
  const aria = isObject(option.aria) ? option.aria : {};
  const label = isObject(aria.label) ? aria.label : {};
  const dressed: JsonObject = {
    ...option,
    series,
    aria: { ...aria, enabled: true, label: { ...label, description: describe(option) } }
  };
  if ('legend' in option) {
    dressed.legend = list(option.legend).map(legend =>
      isObject(legend) ? withIcons(legend, series, icons) : (legend as JsonObject)
    );
  }
  return dressed;
}

function withIcons(legend: JsonObject, series: JsonObject[], icons: Map<string, string>): JsonObject {
  if (icons.size === 0) {
    return legend;
  }
  const names = Array.isArray(legend.data)
    ? legend.data
    : series.map(item => item.name).filter(name => typeof name === 'string');
  return {
    ...legend,
    data: [...new Set(names)].map(name => {
      const icon = typeof name === 'string' ? icons.get(name) : undefined;
      return icon ? { name, icon } : name;
    }) as JsonObject['data']
  };
}

/** The chart's title as plain text, or "". */
export function title(option: JsonObject): string {
  const first = list(option.title)[0];
  return isObject(first) && typeof first.text === 'string' ? first.text : '';
}

/**
 * What a screen reader says. Who makes a chart knows best and says it in
 * aria.label.description; otherwise the title and the names of the series,
 * since ECharts' own sentence reads out coordinates.
 */
export function describe(option: JsonObject): string {
  const aria = isObject(option.aria) ? option.aria : {};
  const label = isObject(aria.label) ? aria.label : {};
  if (typeof label.description === 'string' && label.description) {
    return label.description;
  }
  const parts = list(option.series).map(item => {
    const series = isObject(item) ? item : {};
    const kind = series.type === 'custom' ? series.renderItem : series.type;
    return typeof series.name === 'string' && series.name ? `${series.name} (${kind})` : `${kind}`;
  });
  const name = title(option);
  return `Chart${name ? ` “${name}”` : ''} of ${parts.slice(0, 20).join(', ')}.`;
}
