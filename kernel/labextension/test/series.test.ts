import assert from 'node:assert/strict';
import test from 'node:test';
import {
  luminance,
  readableOn,
  renderErrorbar,
  renderGantt,
  renderLink,
  type Api
} from '../src/series';

/** One data unit is 10 px wide, and a lane is 20 px high. */
const api = (item: unknown[], more: Partial<Api> = {}): Api => ({
  value: dimension => item[dimension],
  coord: ([x, y]) => [Number(x) * 10, Number(y) * 20],
  size: () => [10, 20],
  visual: () => '#0072b2',
  ...more
});
const coordSys = { x: 0, width: 1000 };

test('an error bar spans low to high, with caps', () => {
  const { children } = renderErrorbar({ coordSys, itemPayload: { cap: 8 } }, api([3, 1, 4]));
  assert.deepEqual(children?.map(line => line.shape), [
    { x1: 26, y1: 80, x2: 34, y2: 80 },
    { x1: 30, y1: 80, x2: 30, y2: 20 },
    { x1: 26, y1: 20, x2: 34, y2: 20 }
  ]);
  assert.deepEqual(children?.[0].style, { stroke: '#0072b2', lineWidth: 1.5 });
  assert.ok(children.every(line => (line.z2 ?? 0) > 1), 'hidden behind the bars');
});

test('an error bar stands on its own bar of a group', () => {
  const layout = { barLayout: ({ count }: { count: number }) =>
    Array.from({ length: count }, (_, i) => ({ offsetCenter: 7 * i, width: 5 })) };
  const x = (itemPayload: object, more = layout as Partial<Api>): number | undefined =>
    renderErrorbar({ coordSys, itemPayload: itemPayload as any }, api([3, 1, 4], more)).children?.[1].shape?.x1;
  assert.equal(x({ bar: 2, bars: 3 }), 44);
  assert.equal(x({ bar: 9, bars: 3 }), 30);
  assert.equal(x({ bar: 1, bars: 1e9 }), 37);
  assert.equal(x({ bar: 2, bars: 3 }, {}), 30);
});

test('a span fills its lane from start to end', () => {
  const group = renderGantt({ coordSys }, api([2, 5, 9]));
  assert.deepEqual(group?.children?.map(child => child.shape), [
    { x: 50, y: 40 - 6.2, width: 40, height: 12.4, r: 2 }
  ]);
});

test('a span is cut at the edges of the chart, and is gone outside', () => {
  const area = { x: 100, width: 200 };
  assert.deepEqual(
    [[0, 5, 15], [0, 25, 99], [0, 0, 99]].map(item => {
      const shape = renderGantt({ coordSys: area }, api(item))?.children?.[0].shape;
      return [shape?.x, shape?.width];
    }),
    [[100, 50], [250, 50], [100, 200]]
  );
  assert.equal(renderGantt({ coordSys: area }, api([0, 1, 9])), null);
  assert.equal(renderGantt({ coordSys: area }, api([0, 31, 40])), null);
  assert.equal(renderGantt({ coordSys: area }, api([0, NaN, 40])), null);
});

test('an event without a length is still seen', () => {
  assert.equal(renderGantt({ coordSys }, api([0, 5, 5]))?.children?.[0].shape?.width, 1.5);
});

test('a label is shown where it fits, in a colour that can be read', () => {
  const label = (item: unknown[], itemPayload: object, fill = '#0072b2') =>
    renderGantt({ coordSys, itemPayload: itemPayload as any }, api(item, { size: () => [10, 40], visual: () => fill }))
      ?.children?.[1]?.style;
  assert.equal(label([0, 0, 20], { label: 'running' })?.fill, '#ffffff');
  assert.equal(label([0, 0, 20], { label: 'running' }, '#f0e442')?.fill, '#111111');
  assert.equal(label([0, 0, 20], { label: 'running', labelColor: 'red' })?.fill, 'red');
  assert.equal(label([0, 0, 2], { label: 'running' }), undefined);
  assert.equal(label([0, 0, 20], { label: { text: 'x' } }), undefined);
});

test('luminance reads the forms that browsers and options use', () => {
  assert.equal(luminance('#fff'), 1);
  assert.equal(luminance('rgb(0, 0, 0)'), 0);
  assert.equal(luminance(' rgba(255 255 255 / 1)'), 1);
  assert.ok(Math.abs((luminance('#808080') ?? 0) - 0.216) < 0.001);
  assert.equal(luminance('teal'), null);
  assert.equal(luminance(undefined), null);
  assert.equal(readableOn('#e69f00'), '#111111');
});

test('a part of a band lies between two heights, in lanes', () => {
  const group = renderGantt({ coordSys }, api([2, 5, 9, -1, 1.5]));
  const shape = group?.children?.[0].shape;
  assert.equal(shape?.x, 50);
  assert.equal(shape?.y, 40 - 10 - 20);
  assert.equal(shape?.height, 50);
  // Without heights, or with none, it is a span as any other.
  assert.equal(renderGantt({ coordSys }, api([2, 5, 9, 0, 0]))?.children?.[0].shape?.height, 12.4);
});

test('a link goes from lane to lane, and ends in a point', () => {
  const [line, point] = renderLink({ coordSys }, api([7, 1, 3]))?.children ?? [];
  assert.deepEqual(line.shape, { x1: 70, y1: 20, x2: 70, y2: 60 });
  assert.equal(line.style?.lineDash, undefined);
  assert.equal(Number(point.shape?.y) + Number(point.shape?.height) / 2, 60);
  const dashed = renderLink({ coordSys, itemPayload: { dashed: true, opacity: 0.3 } }, api([7, 1, 3]));
  assert.deepEqual(dashed?.children?.[0].style?.lineDash, [2, 2]);
  assert.equal(dashed?.children?.[0].style?.opacity, 0.3);
  assert.equal(renderLink({ coordSys: { x: 100, width: 50 } }, api([7, 1, 3])), null);
});
