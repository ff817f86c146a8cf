// The one place that says which parts of ECharts are bundled. What is not here
// (toolbox, graphic, geo, timeline, brush, media) cannot be reached by an option.
import * as echarts from 'echarts/core';
import {
  BarChart,
  BoxplotChart,
  CandlestickChart,
  ChordChart,
  CustomChart,
  FunnelChart,
  GaugeChart,
  GraphChart,
  HeatmapChart,
  LineChart,
  ParallelChart,
  PieChart,
  RadarChart,
  SankeyChart,
  ScatterChart,
  SunburstChart,
  ThemeRiverChart,
  TreeChart,
  TreemapChart
} from 'echarts/charts';
import {
  AriaComponent,
  AxisPointerComponent,
  DatasetComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  MarkPointComponent,
  ParallelComponent,
  PolarComponent,
  RadarComponent,
  SingleAxisComponent,
  TitleComponent,
  TooltipComponent,
  VisualMapComponent
} from 'echarts/components';
import { LabelLayout, LegacyGridContainLabel, ScatterJitter } from 'echarts/features';
import { SVGRenderer } from 'echarts/renderers';
import { renderErrorbar, renderGantt, renderLink } from './series';

echarts.use([
  BarChart,
  BoxplotChart,
  CandlestickChart,
  ChordChart,
  CustomChart,
  FunnelChart,
  GaugeChart,
  GraphChart,
  HeatmapChart,
  LineChart,
  ParallelChart,
  PieChart,
  RadarChart,
  SankeyChart,
  ScatterChart,
  SunburstChart,
  ThemeRiverChart,
  TreeChart,
  TreemapChart,
  AriaComponent,
  AxisPointerComponent,
  DatasetComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  MarkPointComponent,
  ParallelComponent,
  PolarComponent,
  RadarComponent,
  SingleAxisComponent,
  TitleComponent,
  TooltipComponent,
  VisualMapComponent,
  LabelLayout,
  // go-echarts writes grid.containLabel.
  LegacyGridContainLabel,
  ScatterJitter,
  SVGRenderer
]);

// Our own parameter types name only what the series use.
type RenderItem = Parameters<typeof echarts.registerCustomSeries>[1];
echarts.registerCustomSeries('errorbar', renderErrorbar as unknown as RenderItem);
echarts.registerCustomSeries('gantt', renderGantt as unknown as RenderItem);
echarts.registerCustomSeries('link', renderLink as unknown as RenderItem);

export { echarts };
