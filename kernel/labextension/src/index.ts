import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { ChartWidget } from './widget';

const extension: IRenderMime.IExtension = {
  id: 'gopark-chart:factory',
  description: 'Draws the charts of gopark with Apache ECharts.',
  rendererFactory: {
    safe: true, // earned in sanitize.ts
    mimeTypes: ['application/vnd.gopark.chart+json'],
    // text/html has 50 and wins a tie, so that nothing would ever be drawn.
    defaultRank: 10,
    createRenderer: options => new ChartWidget(options)
  },
  rank: 10,
  dataType: 'json'
};

export default extension;
