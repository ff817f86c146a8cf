import assert from 'node:assert/strict';
import test from 'node:test';
import { ChartError, LIMITS, readChart, sanitize, type JsonObject } from '../src/sanitize';

const series = [{ type: 'bar', data: [1, 2] }];
const clean = (option: object): JsonObject => sanitize({ series, ...option });

test('a chart without malice comes through as it was', () => {
  const option = {
    title: { text: 'Counter <8 goroutines>', subtext: 'javascript: is only text here' },
    color: ['#0072b2', 'rgb(1, 2, 3)', 'rgba(0,0,0,.5)', 'hsl(120 50% 40% / 0.5)', 'transparent'],
    legend: { data: ['a & b', 'c; d'], icon: 'roundRect' },
    grid: { left: '10%', containLabel: true },
    xAxis: { type: 'category', data: ['url(no)', '2 < 3', 'é'] },
    yAxis: { type: 'value', name: 'ns/op', axisLabel: { formatter: '{value} ns' }, max: 'dataMax' },
    dataset: { source: [['color', 'image://x'], ['red; blue', 2]] },
    series: [
      {
        type: 'line',
        name: 'a & b',
        symbol: 'path://M0,0L1,1Z',
        lineStyle: { color: { type: 'linear', x: 0, colorStops: [{ offset: 0, color: '#fff' }] } },
        label: { show: true, fontFamily: "'DejaVu Sans', sans-serif", rich: { b: { fontSize: 9 } } },
        data: [1, null, { value: 3, name: 'three', itemStyle: { color: 'red' } }]
      },
      { type: 'graph', data: [{ name: 'a' }, { name: 'b' }], links: [{ source: 'a', target: 'b' }] }
    ]
  };
  const { tooltip, animation, ...rest } = sanitize(option);
  assert.deepEqual(rest, option);
  assert.deepEqual(tooltip, { confine: true, show: false, renderMode: 'richText' });
  assert.equal(animation, false);
});

test('the input is neither changed nor shared', () => {
  const option = { series: [{ type: 'bar', data: [[1, 2]], link: 'x' }] };
  const before = structuredClone(option);
  const copy = sanitize(option) as any;
  copy.series[0].data[0][0] = 9;
  assert.deepEqual(option, before);
});

test('components that reach the page or the network are dropped', () => {
  const names = ['toolbox', 'graphic', 'geo', 'timeline', 'media', 'baseOption', 'options', 'brush',
    'calendar', 'backgroundColor', 'animation', 'darkMode', 'unheardOf'];
  const option = clean(Object.fromEntries(names.map(name => [name, { show: true }])));
  assert.deepEqual(Object.keys(option).sort(), ['animation', 'series', 'tooltip']);
  assert.equal(option.animation, false);
});

test('keys that open, fetch, or leave the chart are dropped at any depth', () => {
  const bad = {
    link: 'javascript:alert(1)', sublink: 'x', subtarget: 'self', className: 'x', appendTo: 'body',
    appendToBody: true, extraCssText: 'position:fixed', cssText: 'x', image: 'http://x/', renderMode: 'html',
    transform: { type: 'filter' }, animationDuration: 9, constructor: { a: 1 }, toString: 'x'
  };
  const option = clean({
    title: { text: 't', ...bad },
    tooltip: { trigger: 'item', ...bad },
    series: [{ type: 'bar', tooltip: { show: true, ...bad }, data: [{ value: 1, ...bad, itemStyle: bad }] }]
  }) as any;
  assert.deepEqual(option.title, { text: 't' });
  assert.deepEqual(option.tooltip, { confine: true, trigger: 'item', renderMode: 'richText' });
  assert.deepEqual(option.series, [
    { type: 'bar', tooltip: { show: true }, data: [{ value: 1, itemStyle: {} }] }
  ]);
});

test('a prototype cannot be reached', () => {
  const option = sanitize(
    JSON.parse('{"__proto__":{"p":1},"series":[{"type":"bar","__proto__":{"p":1},"data":[]}]}')
  ) as any;
  assert.equal(option.p, undefined);
  assert.equal(option.series[0].p, undefined);
  assert.equal(Object.getPrototypeOf(option.series[0]), Object.prototype);
  assert.equal(({} as any).p, undefined);
});

test('strings must look like what their key means', () => {
  const cases: [string, string, boolean][] = [
    ['color', '#ABCDEF80', true],
    ['color', 'inherit', true],
    ['color', 'url(#x)', false],
    ['color', 'url(//host/x)', false],
    ['color', 'red" onload="x', false],
    ['borderColor', 'red;background:url(x)', false],
    ['backgroundColor', 'image-set("x")', false],
    ['shadowColor', 'var(--x)', false],
    ['fill', 'url(http://host/)', false],
    ['symbol', 'emptyCircle', true],
    ['symbol', 'M 0 0 L 1.5e3,-2 Z', true],
    ['symbol', 'image://http://host/x.png', false],
    ['symbol', ' IMAGE://x', false],
    ['handleIcon', 'path://M0,0"/><script>', false],
    ['fontFamily', 'a; background-image: url(x)', false],
    ['fontFamily', "Fira Code, 'x y'", true],
    ['fontStyle', 'italic', true],
    ['cursor', 'url(x), auto', false],
    ['cursor', 'pointer', true],
    ['borderType', 'dashed', true],
    ['borderType', '"><script>', false],
    ['position', 'insideEndTop', true],
    ['opacity', '1" onload="x', false],
    ['name', '"><script>alert(1)</script>', true]
  ];
  for (const [key, value, kept] of cases) {
    const copy = (clean({ series: [{ type: 'bar', itemStyle: { [key]: value } }] }) as any).series[0];
    assert.equal(copy.itemStyle[key], kept ? value : undefined, `${key}: ${value}`);
  }
});

test('a font cannot end the attribute that it is written into', () => {
  const { textStyle } = clean({ textStyle: { fontFamily: '"DejaVu Sans", serif' } }) as any;
  assert.equal(textStyle.fontFamily, "'DejaVu Sans', serif");
});

test('a colour is a colour or a gradient, not a pattern', () => {
  const gradient = { type: 'linear', colorStops: [{ offset: 0, color: 'red' }] };
  const { title, dataZoom } = clean({
    title: { backgroundColor: { image: 'http://host/' }, borderColor: gradient },
    dataZoom: { dataBackground: { lineStyle: { color: 'red' } } }
  }) as any;
  assert.deepEqual(title, { borderColor: gradient });
  assert.deepEqual(dataZoom, { dataBackground: { lineStyle: { color: 'red' } } });
});

test('in a list, what is refused keeps its place', () => {
  assert.deepEqual(clean({ color: ['red', 'url(x)', 'blue'] }).color, ['red', null, 'blue']);
});

test('text is bounded, and is legal XML', () => {
  const { title } = clean({ title: { text: 'a\u0000b\u001b[31m\tc', subtext: 'x'.repeat(9_999) } }) as any;
  assert.equal(title.text, 'a\ufffdb\ufffd[31m\tc');
  assert.equal(title.subtext.length, LIMITS.text + 1);
});

test('numbers that ECharts counts to are bounded', () => {
  const { yAxis } = clean({ yAxis: { splitNumber: 1e9, max: 1e9 } }) as any;
  assert.deepEqual(yAxis, { splitNumber: LIMITS.count, max: 1e9 });
});

test('a tooltip is drawn, not inserted', () => {
  const tooltip = { formatter: '<img src=x onerror=1>', renderMode: 'html' };
  for (const form of [tooltip, [tooltip, tooltip]]) {
    assert.deepEqual(clean({ tooltip: form }).tooltip, {
      confine: true,
      formatter: '<img src=x onerror=1>',
      renderMode: 'richText'
    });
  }
  assert.equal((clean({ tooltip: 'html' }).tooltip as any).renderMode, 'richText');
});

test('series are known by name', () => {
  const one = (item: unknown) => (sanitize({ series: item }).series as any)[0];
  assert.equal(one({ type: 'effectScatter' }).type, 'scatter');
  assert.equal(one({ type: 'custom', renderItem: 'gantt' }).renderItem, 'gantt');
  assert.equal(one({ type: 'bar', renderItem: 'gantt' }).renderItem, undefined);
  for (const item of [
    { type: 'map' },
    { type: 'lines' },
    { type: 'constructor' },
    { type: 'custom' },
    { type: 'custom', renderItem: 'function(){}' },
    { type: 'custom', renderItem: ['gantt'] },
    { type: 'bar', coordinateSystem: 'geo' },
    {},
    7
  ]) {
    assert.throws(() => one(item), ChartError, JSON.stringify(item));
  }
});

test('size and depth are bounded', () => {
  let deep: unknown = 1;
  for (let i = 0; i < 1000; i++) {
    deep = [deep];
  }
  assert.throws(() => clean({ dataset: { source: deep } }), /nested/);
  const many = Array.from({ length: 1e6 }, (_, i) => i);
  assert.throws(() => sanitize({ series: [{ type: 'line', data: many }] }), /200000 values/);
  // The bound is on the whole, not on each series.
  const half = { type: 'line', data: many.slice(0, 150_000) };
  assert.throws(() => sanitize({ series: [half, half] }), /200000 values/);
  assert.doesNotThrow(() => sanitize({ series: [half] }));
});

test('the envelope is checked', () => {
  const option = { series };
  assert.equal(readChart({ version: 1, option }).height, 360);
  assert.equal(readChart({ version: 1, option, height: 1e9 }).height, 2000);
  assert.equal(readChart({ version: 1, option, height: -5 }).height, 80);
  assert.equal(readChart({ version: 1, option, height: '99px' }).height, 360);
  for (const data of [null, 'x', [], {}, { version: 2, option }, { version: '1', option }, { version: 1 },
    { version: 1, option: [] }, { version: 1, option: {} }, { version: 1, option: { series: [] } }]) {
    assert.throws(() => readChart(data), ChartError, JSON.stringify(data));
  }
});
