// What earns the renderer its `safe: true`.
//
// A chart option comes from a file that nobody vouched for. ECharts was made
// for options that the page's own author wrote, so a few of them open windows,
// load pictures or reach innerHTML and style attributes; its string renderer
// even writes attributes unescaped. This module copies an option and lets
// through only what is known to be harmless:
//
//   - components and series types by name;
//   - strings by the role of their key: text is drawn as text, colours, fonts
//     and symbols must look like one, anything else must look like a keyword;
//   - a bounded number of values, at a bounded depth.
//
// Pure: no DOM, no Lab, no ECharts. The result shares nothing with the input.

/** A chart that will not be drawn. The message is for the person who looks. */
export class ChartError extends Error {}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** What a notebook holds under the chart's MIME type. */
export interface Chart {
  option: JsonObject;
  /** In CSS pixels. */
  height: number;
  /** The same with more of it, which a button shows instead. */
  open?: Chart;
}

export const LIMITS = {
  /** Nested arrays and objects; a deep tree series needs two for each level. */
  depth: 40,
  /** Values of any kind, in the whole option. */
  values: 200_000,
  /** UTF-16 units of one string that is drawn as text. */
  text: 4_000,
  /** Loops inside ECharts run as often as these numbers say. */
  count: 100
} as const;

const DEFAULT_HEIGHT = 360;
const MIN_HEIGHT = 80;
const MAX_HEIGHT = 2_000;
/** Somebody has asked for it. */
const MAX_OPEN_HEIGHT = 8_000;

const COMPONENTS = new Set([
  'angleAxis',
  'aria',
  'axisPointer',
  'color',
  'dataZoom',
  'dataset',
  'grid',
  'legend',
  'parallel',
  'parallelAxis',
  'polar',
  'radar',
  'radiusAxis',
  'series',
  'singleAxis',
  'textStyle',
  'title',
  'tooltip',
  'useUTC',
  'visualMap',
  'xAxis',
  'yAxis'
]);

/** Series by what they are drawn as: a still picture has no ripples. */
const SERIES: ReadonlyMap<string, string> = new Map([
  ...[
    'bar',
    'boxplot',
    'candlestick',
    'chord',
    'custom',
    'funnel',
    'gauge',
    'graph',
    'heatmap',
    'line',
    'parallel',
    'pie',
    'radar',
    'sankey',
    'scatter',
    'sunburst',
    'themeRiver',
    'tree',
    'treemap'
  ].map(type => [type, type] as const),
  ['effectScatter', 'scatter'] as const
]);

export const CUSTOM_SERIES = ['errorbar', 'gantt', 'link'] as const;

const COORDINATES = new Set(['cartesian2d', 'polar', 'singleAxis', 'parallel', 'radar', 'none']);

const DROPPED = new Set([
  // would change what the copy is, or what its methods are
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'prototype',
  'toString',
  'valueOf',
  // open a window, with javascript: too
  'link',
  'sublink',
  'subtarget',
  // leave the chart for the page
  'appendTo',
  'appendToBody',
  'className',
  'cssText',
  'extraCssText',
  'renderMode',
  // fetch a picture
  'image',
  // run expressions over the data
  'transform',
  'universalTransition'
]);

const COUNTS = new Set(['splitNumber', 'symbolRepeat', 'iterations', 'layoutIterations']);

/** Keys whose own strings are drawn as text or compared, never interpreted. */
const TEXT = new Set([
  'categories',
  'data',
  'displayName',
  'id',
  'label',
  'name',
  'subtext',
  'target',
  'text',
  'value'
]);

/** Keys below which every string is text, whatever its own key says. */
const TEXT_BELOW = new Set(['aria', 'dimensions', 'encode', 'formatter', 'source']);

const COLOR_KEY = /colou?r|fill|stroke|background/i;
/** Holds one colour, or a gradient; "dataBackground" holds a style. */
const PAINT_KEY = /(colou?r|^fill|^stroke)$/i;
const COLOR = /^(#[\da-f]{3,8}|[a-z]{2,30}|(rgb|hsl)a?\([\d.,%/\s+-]{1,60}\))$/i;
const FONT_KEY = /^font/;
const FONT = /^[\w\s,.'"-]{1,400}$/;
const SYMBOL_KEY = /symbol$|icon$/i;
const SYMBOL = /^([a-z]{1,20}|(path:\/\/)?[mlhvcsqtaze\d,.\s+-]{1,4000})$/i;
const CURSOR = /^[a-z-]{1,20}$/;
const KEYWORD = /^[\w\s#%.,:+-]{0,100}$/;
// Not allowed in XML, so not in an SVG file either.
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** Checks the envelope of a chart and copies what may be drawn of it. */
export function readChart(data: unknown): Chart {
  if (!isObject(data)) {
    throw new ChartError('it is not a JSON object');
  }
  if (data.version !== 1) {
    throw new ChartError(
      `its format is version ${String(data.version).slice(0, 20)}, and this renderer knows version 1`
    );
  }
  const chart = sized(data, MAX_HEIGHT);
  return isObject(data.open) ? { ...chart, open: sized(data.open, MAX_OPEN_HEIGHT) } : chart;
}

function sized(data: JsonObject, most: number): Chart {
  const height = typeof data.height === 'number' ? data.height : DEFAULT_HEIGHT;
  return {
    option: sanitize(data.option),
    height: Math.min(most, Math.max(MIN_HEIGHT, Math.round(height)))
  };
}

/** Copies an ECharts option without what an untrusted file must not reach. */
export function sanitize(option: unknown): JsonObject {
  if (!isObject(option)) {
    throw new ChartError('it has no option object');
  }
  const copier = new Copier();
  const out: JsonObject = {};
  for (const key of Object.keys(option)) {
    if (!COMPONENTS.has(key)) {
      continue;
    }
    if (key === 'series') {
      out.series = list(option.series).map(series => copySeries(copier, series));
      continue;
    }
    const value = copier.copy(option[key], key, 1, TEXT_BELOW.has(key));
    if (value !== undefined) {
      out[key] = value;
    }
  }
  if (!Array.isArray(out.series) || out.series.length === 0) {
    throw new ChartError('it has no series');
  }
  // Drawn by the chart itself instead of by innerHTML.
  const tooltip = list(out.tooltip)[0];
  out.tooltip = {
    confine: true,
    ...(isObject(tooltip) ? tooltip : { show: false }),
    renderMode: 'richText'
  };
  out.animation = false;
  return out;
}

function copySeries(copier: Copier, series: unknown): JsonObject {
  if (!isObject(series)) {
    throw new ChartError('one of its series is not an object');
  }
  const type = SERIES.get(String(series.type));
  if (type === undefined) {
    throw new ChartError(`series of type ${quote(series.type)} are not among those it can draw`);
  }
  const out = copier.copy(series, 'series', 2, false) as JsonObject;
  out.type = type;
  delete out.renderItem;
  if (type === 'custom') {
    const name = CUSTOM_SERIES.find(known => known === series.renderItem);
    if (name === undefined) {
      throw new ChartError(`there is no custom series ${quote(series.renderItem)}`);
    }
    out.renderItem = name;
  }
  if ('coordinateSystem' in out && !COORDINATES.has(String(out.coordinateSystem))) {
    throw new ChartError(`there is no coordinate system ${quote(series.coordinateSystem)}`);
  }
  return out;
}

/** Copies one option and counts as it goes. */
class Copier {
  copy(value: unknown, key: string, depth: number, text: boolean): Json | undefined {
    if (depth > LIMITS.depth) {
      throw new ChartError(`it is nested more than ${LIMITS.depth} deep`);
    }
    if (++this._values > LIMITS.values) {
      throw new ChartError(`it holds more than ${LIMITS.values} values`);
    }
    switch (typeof value) {
      case 'string':
        return cleanString(value, key, text);
      case 'number':
        return COUNTS.has(key) ? Math.min(value, LIMITS.count) : value;
      case 'boolean':
        return value;
    }
    if (value === null) {
      return null;
    }
    if (Array.isArray(value)) {
      // A place in an array means something: a string that is refused leaves
      // a null there and does not move its neighbours.
      return value.map(item => this.copy(item, key, depth + 1, text) ?? null);
    }
    if (!isObject(value)) {
      return undefined;
    }
    if (!text && PAINT_KEY.test(key) && !Array.isArray(value.colorStops)) {
      return undefined; // a pattern, of which only the picture is dropped below
    }
    const out: JsonObject = {};
    for (const name of Object.keys(value)) {
      if (DROPPED.has(name) || name.startsWith('animation')) {
        continue;
      }
      const copy = this.copy(value[name], name, depth + 1, text || TEXT_BELOW.has(name));
      if (copy !== undefined) {
        out[name] = copy;
      }
    }
    return out;
  }

  private _values = 0;
}

function cleanString(value: string, key: string, text: boolean): string | undefined {
  if (!text) {
    if (COLOR_KEY.test(key)) {
      return COLOR.test(value) ? value : undefined;
    }
    if (SYMBOL_KEY.test(key)) {
      return SYMBOL.test(value) ? value : undefined;
    }
    if (FONT_KEY.test(key)) {
      // ECharts writes fonts into an attribute, between double quotes.
      return FONT.test(value) ? value.replace(/"/g, "'") : undefined;
    }
    if (key === 'cursor') {
      return CURSOR.test(value) ? value : undefined;
    }
    if (!TEXT.has(key)) {
      return KEYWORD.test(value) ? value : undefined;
    }
  }
  const short = value.length > LIMITS.text ? value.slice(0, LIMITS.text) + '…' : value;
  return short.replace(UNPRINTABLE, '\ufffd');
}

/** ECharts takes one component or a list of them, nearly everywhere. */
export function list(value: unknown): unknown[] {
  return value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
}

export function isObject(value: unknown): value is Record<string, unknown> & JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function quote(value: unknown): string {
  return JSON.stringify(String(value).slice(0, 40));
}
