// The two series that ECharts lacks and the course needs. They are registered
// by name, so an option that uses them stays plain JSON. No DOM and no Lab: the
// same code draws in the browser and in the kernel.

/** The part of ECharts' renderItem parameters that is used here. */
export interface Params {
  coordSys: unknown;
  itemPayload?: Record<string, unknown>;
}

/** The part of ECharts' renderItem API that is used here. */
export interface Api {
  value(dimension: number): unknown;
  coord(point: unknown[]): number[];
  size?(size: number[]): number | number[];
  visual(name: 'color'): unknown;
  barLayout?(options: { count: number }): { offsetCenter: number; width: number }[];
}

export interface Element {
  type: 'group' | 'rect' | 'line' | 'text';
  children?: Element[];
  shape?: Record<string, number>;
  style?: Record<string, unknown>;
  z2?: number;
  silent?: boolean;
}

// Custom shapes start at the height of bars and would hide behind them.
const ABOVE_BARS = 10;

/** Room that one character of a label takes at 11 px, on average. */
const CHARACTER = 6.5;

/**
 * errorbar: one item is [x, low, high].
 *
 * itemPayload: color; cap, the width of the caps (12); width of the lines
 * (1.5), in pixels; bar and bars: stands on bar number `bar` of `bars` that
 * share a category.
 */
export function renderErrorbar(params: Params, api: Api): Element {
  const payload = params.itemPayload ?? {};
  const at = api.value(0);
  const [x0, low] = api.coord([at, api.value(1)]);
  const [, high] = api.coord([at, api.value(2)]);
  const bars = number(payload.bars, 1);
  const x = x0 + (bars > 1 ? offset(api, number(payload.bar, 0), bars) : 0);
  const cap = number(payload.cap, 12) / 2;
  const style = {
    stroke: payload.color ?? api.visual('color'),
    lineWidth: number(payload.width, 1.5)
  };
  const line = (x1: number, y1: number, x2: number, y2: number): Element => ({
    type: 'line',
    shape: { x1, y1, x2, y2 },
    style,
    z2: ABOVE_BARS
  });
  return {
    type: 'group',
    children: [
      line(x - cap, high, x + cap, high),
      line(x, high, x, low),
      line(x - cap, low, x + cap, low)
    ]
  };
}

/**
 * gantt: one item is [lane, start, end]; lane is an index on a category axis.
 * One series for each state, so that the legend names and toggles states. A
 * band of many things is drawn by items [lane, start, end, low, high]: a part
 * of its height, in lanes, downwards from the lane's upper edge.
 *
 * itemPayload: label, shown where it fits; labelColor, otherwise black or white,
 * whichever can be read; height, the part of the lane that is filled (0.62).
 */
export function renderGantt(params: Params, api: Api): Element | null {
  const payload = params.itemPayload ?? {};
  const lane = api.value(0);
  const [from, y] = api.coord([api.value(1), lane]);
  const [to] = api.coord([api.value(2), lane]);
  const area = params.coordSys as { x: number; width: number };
  const left = Math.max(from, area.x);
  const right = Math.min(to, area.x + area.width);
  if (!(right >= left)) {
    return null; // outside of the part that is shown
  }
  const band = api.size?.([0, 1]);
  const slot = Array.isArray(band) ? band[1] : 16;
  const low = api.value(3);
  const high = api.value(4);
  if (typeof low === 'number' && typeof high === 'number' && high > low) {
    return part(left, right, y - slot / 2 + low * slot, (high - low) * slot, api.visual('color'));
  }
  const height = Math.max(3, slot * number(payload.height, 0.62));
  // An event without a length is still seen.
  const width = Math.max(1.5, right - left);
  const fill = api.visual('color');
  const children: Element[] = [
    {
      type: 'rect',
      shape: { x: left, y: y - height / 2, width, height, r: Math.min(2, width / 3) },
      style: { fill }
    }
  ];
  const label = typeof payload.label === 'string' ? payload.label : '';
  if (label && height >= 13 && width > label.length * CHARACTER + 8) {
    children.push({
      type: 'text',
      silent: true,
      style: {
        text: label,
        x: left + 5,
        y,
        fill: payload.labelColor ?? readableOn(fill),
        fontSize: Math.min(11, height - 2),
        textVerticalAlign: 'middle'
      }
    });
  }
  return { type: 'group', children };
}

/** A part of a band: no gaps beside or above it, so that a band has a shape. */
function part(left: number, right: number, y: number, height: number, fill: unknown): Element {
  const width = Math.max(1, right - left + 0.3);
  return {
    type: 'group',
    children: [{ type: 'rect', shape: { x: left, y, width, height }, style: { fill } }]
  };
}

/**
 * link: one item is [x, from, to]: a thin line at x from the middle of one lane
 * to that of another, with a point at the end. itemPayload: dashed; color;
 * opacity (1), so that many do not hide what they connect.
 */
export function renderLink(params: Params, api: Api): Element | null {
  const payload = params.itemPayload ?? {};
  const at = api.value(0);
  const [x, from] = api.coord([at, api.value(1)]);
  const [, to] = api.coord([at, api.value(2)]);
  const area = params.coordSys as { x: number; width: number };
  if (!(x >= area.x && x <= area.x + area.width)) {
    return null;
  }
  const stroke = payload.color ?? api.visual('color');
  const dashed = payload.dashed === true;
  const opacity = number(payload.opacity, 1);
  const children: Element[] = [
    {
      type: 'line',
      shape: { x1: x, y1: from, x2: x, y2: to },
      style: { stroke, opacity, lineWidth: dashed ? 0.8 : 0.9, ...(dashed ? { lineDash: [2, 2] } : {}) },
      z2: ABOVE_BARS
    },
    {
      // What the pointer can hit.
      type: 'rect',
      shape: { x: x - 1.8, y: to - 1.8, width: 3.6, height: 3.6, r: 1.8 },
      style: dashed ? { fill: 'transparent', stroke, lineWidth: 0.9 } : { fill: stroke },
      z2: ABOVE_BARS
    }
  ];
  return { type: 'group', children };
}

/** Relative luminance of an sRGB colour, 0 to 1 (WCAG 2.2), or null. */
export function luminance(color: unknown): number | null {
  const rgb = channels(String(color).trim());
  if (!rgb) {
    return null;
  }
  const [r, g, b] = rgb.map(c => {
    const s = c / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Black or white: the one with the higher contrast on the colour. */
export function readableOn(color: unknown): string {
  // Contrast (l+.05)/.05 with black equals 1.05/(l+.05) with white at 0.179.
  return (luminance(color) ?? 0) > 0.179 ? '#111111' : '#ffffff';
}

function channels(color: string): number[] | null {
  let hex = /^#([\da-f]{3,8})$/i.exec(color)?.[1];
  if (hex) {
    if (hex.length < 6) {
      hex = [...hex].map(digit => digit + digit).join('');
    }
    return [0, 2, 4].map(at => parseInt(hex!.slice(at, at + 2), 16));
  }
  const rgb = /^rgba?\(([^)]+)\)$/i.exec(color)?.[1].split(/[\s,/]+/).map(Number);
  return rgb && rgb.length >= 3 && rgb.every(Number.isFinite) ? rgb.slice(0, 3) : null;
}

function offset(api: Api, bar: number, bars: number): number {
  const count = Math.min(50, Math.max(1, Math.round(bars)));
  return api.barLayout?.({ count })[Math.round(bar)]?.offsetCenter ?? 0;
}

function number(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}
