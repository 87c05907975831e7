// Tables of hosts and vms. A row's name chooses it for the chart.
import { useMemo, useState } from 'preact/hooks';
import { html } from './html.js';
import * as say from './format.js';

const MAX_ROWS = 100;

const HOSTS = [
  { name: 'Host', key: 'name', cell: (h) => h.name },
  { name: 'State', key: 'state', cell: (h) => html`<span class=${`state ${h.state}`}>${h.state}</span>` },
  { name: 'Vms', key: 'vms', number: true, cell: (h) => h.vms },
  { name: 'Size', key: 'cpus', number: true, cell: (h) => `${h.cpus} cores, ${say.bytes(h.memoryBytes)}` },
  { name: 'CPU', key: 'cpuUsagePercent', bar: true, cell: (h) => html`<${Bar} value=${h.cpuUsagePercent} ahead=${h.forecastCpuPercent} />` },
  { name: 'Memory', key: 'memoryUsagePercent', bar: true, cell: (h) => html`<${Bar} value=${h.memoryUsagePercent} />` },
  { name: 'Pressure', key: 'cpuPressurePercent', number: true, cell: (h) => say.percent(h.cpuPressurePercent, 1) },
];

const VMS = [
  { name: 'Vm', key: 'name', cell: (v) => v.name },
  { name: 'Host', key: 'hostName', cell: (v) => v.hostName },
  { name: 'Size', key: 'vcpus', number: true, cell: (v) => `${v.vcpus} vcpus, ${say.bytes(v.memoryBytes)}` },
  { name: 'CPU', key: 'cpuUsagePercent', bar: true, cell: (v) => html`<${Bar} value=${v.cpuUsagePercent} />` },
  { name: 'Memory', key: 'memoryUsagePercent', bar: true, cell: (v) => html`<${Bar} value=${v.memoryUsagePercent} />` },
  { name: 'Disk', key: 'diskBytesPerSecond', number: true, cell: (v) => say.rate(v.diskBytesPerSecond) },
  { name: 'Network', key: 'networkBytesPerSecond', number: true, cell: (v) => say.rate(v.networkBytesPerSecond) },
];

export const Hosts = ({ hosts, ...rest }) => html`
  <${Rows} title="Hosts" id="hosts" rows=${hosts} columns=${HOSTS} sort="cpuUsagePercent"
    none="No hosts yet. An agent shows its host within seconds of connecting." ...${rest} />`;

export const Vms = ({ vms, ...rest }) => html`
  <${Rows} title="Vms" id="vms" rows=${vms} columns=${VMS} sort="cpuUsagePercent"
    none="No vms yet. They come with their host's agent." ...${rest} />`;

function Rows({ title, id, rows, columns, sort, none, chosen, choose }) {
  const [order, setOrder] = useState({ key: sort, down: true });
  const [filter, setFilter] = useState('');
  const sorted = useMemo(() => arrange(rows, order, filter), [rows, order, filter]);
  const shown = sorted.slice(0, MAX_ROWS);
  const resort = (column) => setOrder({ key: column.key, down: order.key === column.key ? !order.down : Boolean(column.number || column.bar) });
  return html`
    <section class="card" aria-labelledby=${`${id}-title`}>
      <div class="title">
        <h2 id=${`${id}-title`}>${title}</h2>
        <span class="note">${shown.length < rows.length ? `${shown.length} of ${say.count(rows.length)}` : say.count(rows.length)}</span>
        <input type="search" placeholder="Filter by name or label" aria-label=${`Filter ${title.toLowerCase()} by name or label`}
          value=${filter} onInput=${(event) => setFilter(event.target.value)} />
      </div>
      ${rows.length === 0 ? html`<p class="empty">${none}</p>` : html`
        <div class="scroll" tabindex="0" role="region" aria-label=${`Table of ${title.toLowerCase()}`}>
          <table id=${id}>
            <thead><tr>${columns.map((column) => html`
              <th key=${column.key} scope="col" class=${column.number ? 'number' : ''} aria-sort=${sortOf(order, column)}>
                <button onClick=${() => resort(column)}>${column.name}</button>
              </th>`)}</tr></thead>
            <tbody>${shown.map((row) => html`
              <tr key=${row.id} class=${chosen?.id === row.id ? 'chosen' : ''}>${columns.map((column, i) => (i === 0
                ? html`<th scope="row"><button class="link" onClick=${() => choose({ id: row.id, name: row.name })}>${row.name}</button></th>`
                : html`<td class=${column.number ? 'number' : ''}>${column.cell(row)}</td>`))}</tr>`)}
            </tbody>
          </table>
        </div>`}
    </section>`;
}

function sortOf(order, column) {
  if (order.key !== column.key) return 'none';
  return order.down ? 'descending' : 'ascending';
}

function arrange(rows, { key, down }, filter) {
  const wanted = filter.trim().toLowerCase();
  const labels = (row) => Object.entries(row.labels).map(([k, v]) => `${k}=${v}`).join(' ');
  const matching = wanted ? rows.filter((row) => `${row.name} ${row.hostName ?? ''} ${labels(row)}`.toLowerCase().includes(wanted)) : [...rows];
  const sign = down ? -1 : 1;
  const names = new Intl.Collator('en', { numeric: true });
  return matching.sort((a, b) => {
    const [x, y] = [a[key], b[key]];
    if (x === undefined || y === undefined) return (x === undefined) - (y === undefined); // missing goes last
    const byKey = typeof x === 'string' ? names.compare(x, y) : x - y;
    return sign * byKey || names.compare(a.name, b.name);
  });
}

// A share of 100, with a mark where the forecast is.
function Bar({ value, ahead }) {
  if (value === undefined) return html`<span class="bar-missing">${say.MISSING}</span>`;
  const level = value >= 90 ? 'bad' : value >= 75 ? 'warn' : '';
  return html`
    <span class="bar">
      <span class="track" aria-hidden="true">
        <span class=${`fill ${level}`} style=${{ width: `${Math.min(100, value)}%` }}></span>
        ${ahead !== undefined && html`<span class="mark" style=${{ left: `${Math.min(100, ahead)}%` }}></span>`}
      </span>
      <span class="text" title=${ahead !== undefined ? `forecast ${say.percent(ahead)}` : ''}>${say.percent(value)}</span>
    </span>`;
}
