// One metric of one entity: its history, then its forecast as a fan of quantiles.
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { html } from './html.js';
import * as say from './format.js';

// Pairs of quantile indexes, widest band first: .1–.9, .2–.8, .3–.7, .4–.6
const BANDS = [[0, 8], [1, 7], [2, 6], [3, 5]];
const MEDIAN = 4;
const HEIGHT = 300;

// Columns for uPlot: time, history, median, then low and high of each band.
export function columns(series, forecast, rangeSeconds) {
  const step = series.stepSeconds;
  const end = say.number(series.endMs) / 1000;
  const values = series.values.map(say.number);
  const times = values.map((_, i) => end - (values.length - 1 - i) * step);
  const history = values.map((v) => (Number.isFinite(v) ? v : null));
  const points = visible(forecast, rangeSeconds);
  const issued = forecast ? say.number(forecast.issuedAtMs) / 1000 : end;
  const future = points.map((p) => issued + p.horizonSeconds).filter((t) => t > end);
  const shown = points.filter((p) => issued + p.horizonSeconds > end);
  const pad = history.map(() => null);
  const last = history.at(-1);
  if (shown.length && last !== null && last !== undefined) pad[pad.length - 1] = last;
  const quantile = (q) => [...pad, ...shown.map((p) => say.number(p.quantiles[q]))];
  return [
    [...times, ...future],
    [...history, ...shown.map(() => null)],
    quantile(MEDIAN),
    ...BANDS.flatMap(([low, high]) => [quantile(low), quantile(high)]),
  ];
}

// As far ahead as the history goes back, at least two points.
function visible(forecast, rangeSeconds) {
  const points = forecast?.points ?? [];
  const near = points.filter((p) => p.horizonSeconds <= rangeSeconds);
  return near.length >= 2 ? near : points.slice(0, 2);
}

// What the picture says, for whoever does not see it.
export function inWords(series, forecast) {
  const now = series.values.map(say.number).findLast(Number.isFinite);
  const start = `${series.metric} of ${series.name}: now ${say.withUnit(now, series.unit)}.`;
  const point = forecast?.points?.find((p) => p.horizonSeconds >= 3600) ?? forecast?.points?.at(-1);
  if (!point) return `${start} No forecast yet.`;
  const q = (i) => say.withUnit(point.quantiles[i], series.unit);
  return `${start} In ${say.duration(point.horizonSeconds)} ${q(MEDIAN)}, with 80 % chance between ${q(0)} and ${q(8)}.`;
}

export function Chart({ series, forecast, rangeSeconds, theme }) {
  const host = useRef(null);
  const data = useMemo(() => columns(series, forecast, rangeSeconds), [series, forecast, rangeSeconds]);
  useEffect(() => {
    const plot = new window.uPlot(options(host.current, series), data, host.current);
    const resize = new ResizeObserver(() => plot.setSize({ width: host.current.clientWidth, height: HEIGHT }));
    resize.observe(host.current);
    return () => { resize.disconnect(); plot.destroy(); };
  }, [data, theme]);
  return html`
    <div class="chart" role="img" aria-label=${inWords(series, forecast)} ref=${host}></div>
    <div class="legend" aria-hidden="true">
      <span class="key history"></span>history
      <span class="key median"></span>median forecast
      <span class="key fan"></span>10–90 % of outcomes, in steps of 10
    </div>`;
}

function options(element, series) {
  const [accent, fan, muted, line] = ['--chart-line', '--chart-fan', '--muted', '--line'].map((name) => colour(element, name));
  const font = `12px ${getComputedStyle(element).fontFamily}`;
  const axis = { stroke: muted, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  const hidden = BANDS.flatMap(() => [
    { stroke: 'transparent', points: { show: false } },
    { stroke: 'transparent', points: { show: false } },
  ]);
  const end = say.number(series.endMs) / 1000;
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [12, 12, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    scales: { y: { range: (_, low, high) => yRange(series.unit, low, high) } },
    axes: [
      { ...axis, size: 30, space: 80, values: (_, ticks, __, ___, gap) => ticks.map((t) => clock(t, gap)) },
      { ...axis, size: series.unit === 'percent' ? 48 : 84, values: (_, ticks) => ticks.map((v) => axisText(v, series.unit)) },
    ],
    series: [
      {},
      { label: 'history', stroke: accent, width: 1.75, points: { show: false } },
      { label: 'median', stroke: fan, width: 1.75, dash: [5, 4], points: { show: false } },
      ...hidden,
    ],
    bands: BANDS.map((_, i) => ({ series: [4 + 2 * i, 3 + 2 * i], fill: translucent(fan, 0.13 + 0.03 * i) })),
    hooks: { drawAxes: [(plot) => drawNow(plot, end, muted, font)], setCursor: [readout(series.unit)], init: [addReadout] },
  };
}

// A canvas knows no variables and no themes: asks the browser what a colour is right now.
function colour(element, variable) {
  const probe = document.createElement('i');
  probe.style.color = `var(${variable})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

const clock = (seconds, gap) => {
  const date = new Date(seconds * 1000);
  return gap >= 86400
    ? date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
    : date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
};

function yRange(unit, low, high) {
  if (unit === 'percent') return [0, Math.min(100, Math.max(10, Math.ceil((high ?? 0) / 10) * 10 + 5))];
  return [0, (high ?? 1) * 1.1 || 1];
}

const axisText = (value, unit) => (unit === 'percent' ? `${value} %` : say.withUnit(value, unit));

const translucent = (rgb, alpha) => `color-mix(in srgb, ${rgb} ${Math.round(alpha * 100)}%, transparent)`;

function drawNow(plot, end, colour, font) {
  const x = Math.round(plot.valToPos(end, 'x', true));
  const { top, height } = plot.bbox;
  const { ctx } = plot;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, top);
  ctx.lineTo(x, top + height);
  ctx.stroke();
  ctx.font = font.replace(/^\d+/, (size) => size * devicePixelRatio);
  ctx.textAlign = 'right';
  ctx.fillText('now', x - 5 * devicePixelRatio, top + 11 * devicePixelRatio);
  ctx.restore();
}

function addReadout(plot) {
  const box = document.createElement('div');
  box.className = 'readout';
  box.hidden = true;
  plot.over.append(box);
  plot.readoutBox = box;
}

// Follows the pointer: the time, and the value or the median with its 80 % interval.
const readout = (unit) => (plot) => {
  const { idx, left } = plot.cursor;
  const box = plot.readoutBox;
  box.hidden = idx === null || idx === undefined || left < 0;
  if (box.hidden) return;
  const at = (column) => plot.data[column][idx];
  const past = at(1);
  const when = new Date(plot.data[0][idx] * 1000)
    .toLocaleString('en-GB', { weekday: 'short', hour: '2-digit', minute: '2-digit' });
  const value = past !== null && past !== undefined
    ? say.withUnit(past, unit)
    : `${say.withUnit(at(2), unit)}  (${say.withUnit(at(3), unit)} to ${say.withUnit(at(4), unit)})`;
  box.textContent = `${when}   ${value}`;
  box.style.left = `${Math.min(left + 12, plot.over.clientWidth - box.clientWidth - 4)}px`;
};
