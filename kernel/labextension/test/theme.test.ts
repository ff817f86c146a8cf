import assert from 'node:assert/strict';
import test from 'node:test';
import { luminance } from '../src/series';
import { describe, dress, PAPER, theme, type Palette } from '../src/theme';

const NIGHT: Palette = { ...PAPER, dark: true, text: '#eeeeee', panel: '#111111' };
const bars = { type: 'bar', name: 'time', data: [1] };
const whiskers = { type: 'custom', renderItem: 'errorbar', name: '95% CI', data: [[0, 1, 2]] };

test('colours stand out from their background', () => {
  for (const [palette, background] of [[PAPER, '#ffffff'], [NIGHT, '#111111']] as const) {
    for (const color of theme(palette).color as string[]) {
      const [high, low] = [luminance(color)!, luminance(background)!].sort((a, b) => b - a);
      assert.ok((high + 0.05) / (low + 0.05) >= 3, `${color} on ${background}`);
    }
  }
});

test('error bars take the colour of text, unless they have their own', () => {
  const color = (item: object) => (dress({ series: [bars, item as any] }, NIGHT).series as any)[1].color;
  assert.equal(color(whiskers), '#eeeeee');
  assert.equal(color({ ...whiskers, color: 'red' }), 'red');
});

test('the legend shows an error bar as one', () => {
  const data = (legend: object) => (dress({ legend, series: [bars, whiskers] } as any, PAPER).legend as any)[0].data;
  for (const legend of [{}, { data: ['time', '95% CI'] }]) {
    const [first, second] = data(legend);
    assert.equal(first, 'time');
    assert.equal(second.name, '95% CI');
    assert.match(second.icon, /^path:/);
  }
  assert.equal(dress({ series: [bars, whiskers] }, PAPER).legend, undefined);
});

test('an option is not changed by being dressed', () => {
  const option = { legend: { top: 1 }, series: [bars, whiskers] };
  const before = structuredClone(option);
  dress(option, PAPER);
  assert.deepEqual(option, before);
});

test('every chart has words for who cannot see it', () => {
  assert.equal(
    describe({ title: { text: 'Counter' }, series: [bars, whiskers] }),
    'Chart “Counter” of time (bar), 95% CI (errorbar).'
  );
  assert.equal(describe({ series: [{ type: 'pie' }] }), 'Chart of pie.');
  const aria = { label: { description: 'Two bars.' } };
  assert.equal(describe({ aria, series: [bars] }), 'Two bars.');
  assert.deepEqual(dress({ aria, series: [bars] }, PAPER).aria, {
    enabled: true,
    label: { description: 'Two bars.' }
  });
});
