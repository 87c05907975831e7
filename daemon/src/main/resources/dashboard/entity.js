// The chosen entity: one metric's history and forecast.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Chart, inWords } from './chart.js';
import * as api from './api.js';
import { html } from './html.js';
import * as say from './format.js';

const METRICS = [
  ['cpu.usage', 'CPU'], ['memory.usage', 'Memory'], ['disk.throughput', 'Disk'], ['network.throughput', 'Network'],
];
const RANGES = [
  { name: '2 hours', step: 60, steps: 120 },
  { name: '24 hours', step: 300, steps: 288 },
  { name: '7 days', step: 300, steps: 2016 },
];

export function Entity({ chosen, tick, theme }) {
  const [metric, setMetric] = useState(METRICS[0][0]);
  const [range, setRange] = useState(0);
  const [shown, setShown] = useState(null);
  const { step, steps } = RANGES[range];

  useEffect(() => {
    if (!chosen) return undefined;
    let stale = false;
    load(chosen.id, metric, step, steps).then(
      (answer) => { if (!stale) setShown(answer); },
      (failure) => { if (!stale) setShown({ problem: failure.message }); },
    );
    return () => { stale = true; };
  }, [chosen?.id, metric, range, tick]);

  // A row far down was clicked: show what was asked for. Not for the page's own first choice.
  const section = useRef(null);
  const before = useRef(null);
  useEffect(() => {
    if (before.current && before.current !== chosen?.id) section.current?.scrollIntoView({ block: 'nearest' });
    before.current = chosen?.id;
  }, [chosen?.id]);

  if (!chosen) return html`<section class="card"><p class="empty">Choose a vm or a host to see its forecast.</p></section>`;
  const { series, forecast, problem } = shown ?? {};
  return html`
    <section class="card entity" aria-labelledby="entity-title" ref=${section}>
      <div class="title">
        <h2 id="entity-title">${chosen.name}</h2>
        <${Choice} label="Metric" options=${METRICS} value=${metric} choose=${setMetric} />
        <${Choice} label="Range" options=${RANGES.map((r, i) => [i, r.name])} value=${range} choose=${setRange} />
      </div>
      ${problem && html`<p class="empty">${problem}</p>`}
      ${series && html`
        <${Chart} series=${series} forecast=${forecast} rangeSeconds=${step * steps} theme=${theme} />
        <${Numbers} series=${series} forecast=${forecast} />`}
    </section>`;
}

// A missing forecast is not a mistake: the history is shown alone.
async function load(id, metric, step, steps) {
  const [series, forecast] = await Promise.all([
    api.series(id, metric, step, steps),
    api.forecast(id, metric).catch(() => null),
  ]);
  return { series, forecast };
}

function Choice({ label, options, value, choose }) {
  return html`
    <div class="choice" role="group" aria-label=${label}>
      ${options.map(([key, name]) => html`
        <button key=${key} aria-pressed=${String(key === value)} onClick=${() => choose(key)}>${name}</button>`)}
    </div>`;
}

function Numbers({ series, forecast }) {
  if (!forecast) return html`<p class="note">No forecast of this metric yet.</p>`;
  const cell = (point, i) => say.withUnit(point.quantiles[i], series.unit);
  return html`
    <p class="note">
      ${inWords(series, forecast)} Model <strong>${forecast.model}</strong>, confidence ${say.percent(forecast.confidence * 100)}.
      ${forecast.reason && html` A simpler model answered: ${forecast.reason}.`}
    </p>
    <details>
      <summary>The forecast in numbers</summary>
      <table>
        <thead><tr><th scope="col" class="number">In</th><th scope="col" class="number">10 %</th><th scope="col" class="number">Median</th><th scope="col" class="number">90 %</th></tr></thead>
        <tbody>
          ${forecast.points.map((point) => html`
            <tr key=${point.horizonSeconds}>
              <th scope="row" class="number">${say.duration(point.horizonSeconds)}</th>
              <td class="number">${cell(point, 0)}</td><td class="number">${cell(point, 4)}</td><td class="number">${cell(point, 8)}</td>
            </tr>`)}
        </tbody>
      </table>
    </details>`;
}
